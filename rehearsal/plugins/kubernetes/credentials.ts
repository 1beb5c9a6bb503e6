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
    kind?: string;
    apiVersion?: string;
    status?: { token?: string; clientCertificateData?: string; clientKeyData?: string };
}

/** Versions of the protocol that client-go speaks. */
const protocols = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/** What client-go adds where a program is not there. */
const notInstalled = `

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins`;

/** Runs a program for credentials, by the protocol of client-go; errors are in its words. */
async function runForCredentials({ apiVersion, command, args, env, installHint }: Exec): Promise<Credentials> {
    if (apiVersion === undefined || !protocols.includes(apiVersion)) {
        throw new Error(`exec plugin: invalid apiVersion "${apiVersion ?? ""}"`);
    }
    const info = { kind: "ExecCredential", apiVersion, spec: { interactive: false } };
    const given = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
    let stdout: string;
    try {
        ({ stdout } = await promisify(execFile)(command, args ?? [], {
            env: { ...process.env, ...given, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        }));
    } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        const hint = `${notInstalled}${installHint ? `\n\n${installHint}` : ""}`;
        const reason =
            code === "ENOENT"
                ? `executable ${command} not found${hint}`
                : `executable ${command} failed with exit code ${code}`;
        throw new Error(`getting credentials: exec: ${reason}`);
    }
    return { ...readCredential(stdout, apiVersion) };
}

function readCredential(stdout: string, expected: string): Credentials {
    let credential: ExecCredential;
    try {
        credential = JSON.parse(stdout) as ExecCredential;
    } catch {
        throw new Error("getting credentials: decoding stdout: it is not JSON");
    }
    const { apiVersion, status } = credential;
    if (apiVersion !== expected) {
        throw new Error(
            `getting credentials: exec plugin is configured to use API version ${expected}, plugin returned version ${apiVersion}`,
        );
    }
    if (status === undefined) {
        throw new Error("getting credentials: exec plugin didn't return a status field");
    }
    const { token, clientCertificateData: certificate, clientKeyData: key } = status;
    if (!token && !certificate && !key) {
        throw new Error("getting credentials: exec plugin didn't return a token or cert/key pair");
    }
    if (Boolean(certificate) !== Boolean(key)) {
        throw new Error("getting credentials: exec plugin returned only certificate or key, not both");
    }
    return { authorization: token ? `Bearer ${token}` : undefined, certificate, key };
}

/**
 * Reads or gets a user's credentials.
 *
 * @throws Error if a file cannot be read, or the program that makes credentials fails; without what it printed.
 */
export async function credentialsOf(user: User): Promise<Credentials> {
    const certificate = inlineOrFile(user["client-certificate-data"], user["client-certificate"]);
    const key = inlineOrFile(user["client-key-data"], user["client-key"]);
    const provider = user["auth-provider"]?.name;
    if (provider !== undefined && provider !== "oidc") {
        throw new Error(`no Auth Provider found for name "${provider}"`);
    }
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
