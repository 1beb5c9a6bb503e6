import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as tls from "node:tls";

/**
 * The CA certificates to trust where `SSL_CERT_FILE` or `SSL_CERT_DIR` name more of them: Go programs such as azure-native
 * read these variables, Node.js does not. Those that Node.js trusts stay trusted. As in Go, what cannot be read is passed
 * over.
 *
 * @returns PEM; undefined where the variables name none, so that Node.js's own stand
 */
export function trustedCertificates(env: Record<string, string | undefined>): string[] | undefined {
    const folders = (env.SSL_CERT_DIR ?? "").split(delimiter).filter(Boolean);
    const files = [env.SSL_CERT_FILE ?? "", ...folders.flatMap(filesIn)].filter(Boolean);
    const added = files.map(read).filter((text) => text.includes("-----BEGIN CERTIFICATE-----"));
    return added.length === 0 ? undefined : [...ofNode(env), ...added];
}

/** What Node.js trusts by itself. Before 22.15 it does not tell of NODE_EXTRA_CA_CERTS. */
function ofNode(env: Record<string, string | undefined>): readonly string[] {
    const { getCACertificates } = tls as { getCACertificates?: typeof tls.getCACertificates };
    return getCACertificates?.("default") ?? [...tls.rootCertificates, read(env.NODE_EXTRA_CA_CERTS ?? "")];
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
