import { createPrivateKey } from "node:crypto";
import * as forge from "node-forge";
import type { ClientCertificate } from "./client-certificate";

/** A PFX file of a certificate and its key. @param password "" for none */
export function makePfx(
    { certificate, key }: ClientCertificate,
    password: string,
    algorithm: "3des" | "aes256" = "aes256",
): Buffer {
    const rsa = createPrivateKey(key).export({ type: "pkcs1", format: "pem" }).toString();
    const pfx = forge.pkcs12.toPkcs12Asn1(
        forge.pki.privateKeyFromPem(rsa),
        [forge.pki.certificateFromPem(certificate)],
        password,
        { algorithm },
    );
    return Buffer.from(forge.asn1.toDer(pfx).getBytes(), "latin1");
}
