import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { promises } from "node:fs";

/** What the certificate is called in messages. */
const pathVariable = "ARM_CLIENT_CERTIFICATE_PATH";
const passwordVariable = "ARM_CLIENT_CERTIFICATE_PASSWORD";

/**
 * Reads a client's certificate and private key from a file, PEM or PFX (PKCS #12), with a password or without. The key
 * stays in memory.
 *
 * @returns PEM: the certificate that belongs to the key first, then any others, then the key, not encrypted
 * @throws Error that names the file and the variable, and says what would be right
 */
export async function readClientCertificate(path: string, password: string | undefined): Promise<string> {
    const content = await promises.readFile(path).catch((error: NodeJS.ErrnoException) => {
        throw new Error(
            `${pathVariable} is "${path}", but that file cannot be read (${error.code ?? error.message}). ` +
                "It must be the client's certificate with its private key, PEM or PFX.",
        );
    });
    const text = content.toString("latin1");
    const pem = text.includes("-----BEGIN ") ? text : fromPfx(content, path, password);
    const key = privateKey(pem, path, password);
    const certificates = (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
        (certificate) => new X509Certificate(certificate),
    );
    const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
    if (own === undefined) {
        const found = certificates.length === 0 ? "there is no certificate in it" : "no certificate in it fits its key";
        throw new Error(`${pathVariable} is "${path}", but ${found}. The file needs both the certificate and its key.`);
    }
    if (key.asymmetricKeyType !== "rsa") {
        throw new Error(
            `${pathVariable} is "${path}", but its key is of the type ${key.asymmetricKeyType}. Microsoft Entra ID takes RSA keys only.`,
        );
    }
    const others = certificates.filter((certificate) => certificate !== own);
    return [...[own, ...others].map(String), key.export({ type: "pkcs8", format: "pem" })].join("\n");
}

/** Only who has a PFX pays for the library that reads one. */
function fromPfx(content: Buffer, path: string, password: string | undefined): string {
    const { pemOfPfx, WrongPasswordError } = require("./pfx") as typeof import("./pfx");
    try {
        return pemOfPfx(content, password ?? "");
    } catch (error) {
        throw error instanceof WrongPasswordError
            ? wrongPassword(path, password)
            : new Error(
                  `${pathVariable} is "${path}", but that is neither a PEM nor a PFX file with a key: ${(error as Error).message}`,
              );
    }
}

function privateKey(pem: string, path: string, password: string | undefined): KeyObject {
    const [key] = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/.exec(pem) ?? [];
    if (key === undefined) {
        throw new Error(
            `${pathVariable} is "${path}", but there is no private key in it. The file needs both the certificate and its key.`,
        );
    }
    try {
        return createPrivateKey({ key, format: "pem", ...(password && { passphrase: password }) });
    } catch {
        throw /ENCRYPTED/.test(key)
            ? wrongPassword(path, password)
            : new Error(`${pathVariable} is "${path}", but its private key cannot be read. Export it again.`);
    }
}

function wrongPassword(path: string, password: string | undefined): Error {
    return new Error(
        password
            ? `${passwordVariable} is not the password of "${path}" (${pathVariable}).`
            : `${pathVariable} is "${path}", which has a password, but ${passwordVariable} is not set.`,
    );
}
