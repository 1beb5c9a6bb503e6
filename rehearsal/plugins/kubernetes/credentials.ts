import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { AgentOptions } from "node:https";
import { promisify } from "node:util";
import type { Cluster, Exec, User } from "./kubeconfig";

/** What a request needs to be let in. */
export interface Credentials {
    authorization?: string;
    certificate?: string;
    key?: string;
}

function inlineOrFile(data: string | undefined, file: string | undefined): string | undefined {
    if (data) {
        return Buffer.from(data, "base64").toString("utf8");
    }
    return file ? readFileSync(file, "utf8") : undefined;
}

interface ExecCredential {
    status?: { token?: string; clientCertificateData?: string; clientKeyData?: string };
}

async function runForCredentials({ apiVersion, command, args, env }: Exec): Promise<Credentials> {
    const info = { kind: "ExecCredential", apiVersion, spec: { interactive: false } };
    const given = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
    try {
        const { stdout } = await promisify(execFile)(command, args ?? [], {
            env: { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info), ...given },
        });
        const { status } = JSON.parse(stdout) as ExecCredential;
        const authorization = status?.token ? `Bearer ${status.token}` : undefined;
        return { authorization, certificate: status?.clientCertificateData, key: status?.clientKeyData };
    } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        const reason = code === "ENOENT" ? `executable ${command} not found` : `executable ${command} failed`;
        throw new Error(`getting credentials: exec: ${reason}`);
    }
}

/**
 * Reads or gets a user's credentials.
 *
 * @throws Error if a file cannot be read, or the program that makes credentials fails; without what it printed.
 */
export async function credentialsOf(user: User): Promise<Credentials> {
    const certificate = inlineOrFile(user["client-certificate-data"], user["client-certificate"]);
    const key = inlineOrFile(user["client-key-data"], user["client-key"]);
    if (user.exec) {
        return { certificate, key, ...(await runForCredentials(user.exec)) };
    }
    const token = user.token || (user.tokenFile ? readFileSync(user.tokenFile, "utf8").trim() : undefined);
    if (token) {
        return { certificate, key, authorization: `Bearer ${token}` };
    }
    const basic = Buffer.from(`${user.username}:${user.password}`).toString("base64");
    return { certificate, key, authorization: user.username ? `Basic ${basic}` : undefined };
}

/** The authorities that a cluster's certificate may come from, as PEM; empty for those of the machine. */
export function authorityOf(cluster: Cluster): string {
    const file = cluster["certificate-authority"];
    return inlineOrFile(cluster["certificate-authority-data"], file && existsSync(file) ? file : undefined) ?? "";
}

/** How to connect to a cluster. */
export function connectionOptions(cluster: Cluster, { certificate, key }: Credentials): AgentOptions {
    const ca = authorityOf(cluster);
    return {
        keepAlive: true,
        ...(ca && { ca }),
        ...(certificate && { cert: certificate }),
        ...(key && { key }),
        ...(cluster["tls-server-name"] && { servername: cluster["tls-server-name"] }),
        rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    };
}
