import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as tls from "node:tls";

/**
 * The CA certificates to trust where `SSL_CERT_FILE` or `SSL_CERT_DIR` name more of them: Go programs such as azure-native
 * read these variables, Node.js does not. Those that Node.js trusts stay trusted. As in Go, what cannot be read is passed
 * over.
 *
 * @returns PEM; undefined where the variables name none that Node.js does not trust anyway, so that its own stand
 */
export function trustedCertificates(env: Record<string, string | undefined>): string[] | undefined {
    const folders = (env.SSL_CERT_DIR ?? "").split(delimiter).filter(Boolean);
    const files = [env.SSL_CERT_FILE ?? "", ...folders.flatMap(filesIn)].filter(Boolean);
    // A system's folder has each of them more than once, and most of them Node.js has too: each connection reads them all.
    const trusted = new Set(files.length === 0 ? [] : ofNode(env).flatMap(certificatesIn));
    const { size } = trusted;
    for (const certificate of files.flatMap((file) => certificatesIn(read(file)))) {
        trusted.add(certificate);
    }
    return trusted.size === size ? undefined : [...trusted];
}

/** What Node.js trusts by itself. Before 22.15 it does not tell of NODE_EXTRA_CA_CERTS. */
function ofNode(env: Record<string, string | undefined>): readonly string[] {
    const { getCACertificates } = tls as { getCACertificates?: typeof tls.getCACertificates };
    return getCACertificates?.("default") ?? [...tls.rootCertificates, read(env.NODE_EXTRA_CA_CERTS ?? "")];
}

/** The certificates in a text, PEM, each in the same form wherever it is from. */
function certificatesIn(text: string): string[] {
    return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((pem) => {
        const [base64 = ""] = /(?<=CERTIFICATE-----)[^-]+/.exec(pem) ?? [];
        const lines = base64.replace(/\s/g, "").match(/.{1,64}/g) ?? [];
        return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
    });
}

function filesIn(folder: string): string[] {
    try {
        return readdirSync(folder).map((name) => join(folder, name));
    } catch {
        return [];
    }
}

function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
