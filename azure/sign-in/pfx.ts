import * as forge from "node-forge";

/** A PFX file was not made with this password. */
export class WrongPasswordError extends Error {}

/**
 * Turns a PFX (PKCS #12) file into PEM, certificates and key, in memory.
 *
 * @param password "" for none
 * @throws WrongPasswordError; Error when it is no PFX file, has no RSA key, or its password is not ASCII and does not fit
 */
export function pemOfPfx(content: Buffer, password: string): string {
    const structure = forge.asn1.fromDer(content.toString("latin1"));
    let pfx: forge.pkcs12.Pkcs12Pfx;
    try {
        pfx = forge.pkcs12.pkcs12FromAsn1(structure, false, password);
    } catch (error) {
        if (/[^\x20-\x7e]/.test(password)) {
            throw new Error("its password is wrong, or cannot be used here: it has characters that are not ASCII");
        }
        throw /MAC could not be verified|Invalid password/i.test((error as Error).message)
            ? new WrongPasswordError()
            : error;
    }
    const { certBag = "", pkcs8ShroudedKeyBag = "", keyBag = "" } = forge.pki.oids;
    const bags = (type: string) => pfx.getBags({ bagType: type })[type] ?? [];
    const key = [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)].find((bag) => bag.key)?.key;
    if (!key) {
        throw new Error("it has no RSA key");
    }
    const certificates = bags(certBag).flatMap(({ cert }) => (cert ? [forge.pki.certificateToPem(cert)] : []));
    return [...certificates, forge.pki.privateKeyToPem(key)].join("\n");
}
