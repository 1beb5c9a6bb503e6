import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import * as z from "zod/mini";
import { certificatesIn, fingerprintsOf } from "./certificate";
import { problems } from "./document";

const text = z.optional(z.string());

const Schema = z.object({
    "current-context": text,
    clusters: z.array(
        z.object({
            name: z.string(),
            cluster: z.object({
                server: z.string(),
                "certificate-authority-data": text,
                "tls-server-name": text,
                "proxy-url": text,
            }),
        }),
    ),
    contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
    users: z.array(
        z.object({
            name: z.string(),
            user: z.object({
                "client-certificate-data": text,
                "client-key-data": text,
                token: text,
                exec: z.optional(
                    z.object({
                        command: z.string(),
                        args: z.nullish(z.array(z.string())),
                        installHint: text,
                    }),
                ),
                "auth-provider": z.optional(
                    z.object({ name: z.string(), config: z.nullish(z.record(z.string(), z.string())) }),
                ),
            }),
        }),
    ),
});

/** What the current context of a kubeconfig says: where the cluster is, whom to trust, who one is. Holds secrets. */
export interface Kubeconfig {
    /** URL of the API server. */
    server: string;
    /** Name to expect in the API server's certificate, where it is not the one of `server`. */
    serverName?: string;
    /** URL of the proxy to reach the API server through, in place of the one that the environment names. */
    proxyUrl?: string;
    /** The cluster CA, PEM; one certificate or more. */
    caCertificate: string;
    /** Fingerprints of the cluster CA, sorted. */
    caFingerprints: string[];
    /** The certificates of the cluster CA. */
    ca: X509Certificate[];
    /** Certificate and key of the user, PEM, where the user has them. */
    client?: { certificate: string; key: string };
    /** Bearer token of the user, where the user has one. Kubernetes prefers a client certificate where both are. */
    token?: string;
    /** Whose token the user needs, and what fetches it, where the user has neither certificate nor token. */
    signIn?: SignInPlugin;
}

/** What fetches a user's token: a program, or what older Kubernetes clients had built in. */
export interface SignInPlugin {
    /** `exec`: a program, such as kubelogin. `auth-provider`: built into Kubernetes clients before 1.26. */
    kind: "exec" | "auth-provider";
    /** The program, or the name of the provider. */
    name: string;
    /** Application of Microsoft Entra ID that the token must be for. */
    serverId: string;
    /** Tenant that the user is of, where it is said. */
    tenantId?: string;
    /** How the program signs in, such as devicecode, where it is said. */
    login?: string;
}

/** The AKS server application of Microsoft Entra ID, the same in every tenant. Source: kubelogin's documentation. */
export const aksServerId = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * Reads the current context of a kubeconfig as AKS gives it.
 *
 * @param yaml the kubeconfig, YAML or JSON
 * @throws Error when it is no kubeconfig, has no current context, or has no CA; never repeats its contents
 */
export function parseKubeconfig(yaml: string): Kubeconfig {
    const config = read(yaml);
    const named = <T extends { name: string }>(kind: string, list: T[], name: string | undefined): T => {
        const found = list.find((item) => item.name === name) ?? (list.length === 1 ? list[0] : undefined);
        if (found === undefined) {
            throw new Error(`The kubeconfig that AKS gave has no ${kind} named "${name ?? ""}".`);
        }
        return found;
    };
    const { context } = named("context", config.contexts, config["current-context"]);
    const { name, cluster } = named("cluster", config.clusters, context.cluster);
    const { user } = named("user", config.users, context.user);

    const caCertificate = decode(cluster["certificate-authority-data"]) ?? "";
    let ca: X509Certificate[] = [];
    try {
        ca = certificatesIn(caCertificate);
    } catch {
        // Told below: one that cannot be read is as good as none.
    }
    if (ca.length === 0) {
        throw new Error(
            `The kubeconfig of cluster "${name}" has no certificate authority (certificate-authority-data), so a ` +
                "rotation could not be told from any other change. Is the API server behind a proxy with a public " +
                "certificate? This component manages clusters whose API server has a certificate of the cluster CA.",
        );
    }
    const certificate = decode(user["client-certificate-data"]);
    const key = decode(user["client-key-data"]);
    return {
        server: cluster.server,
        serverName: cluster["tls-server-name"],
        proxyUrl: cluster["proxy-url"],
        caCertificate,
        caFingerprints: fingerprintsOf(ca),
        ca,
        client: certificate !== undefined && key !== undefined ? { certificate, key } : undefined,
        token: user.token,
        signIn: signInOf(user),
    };
}

type User = z.output<typeof Schema>["users"][number]["user"];

function signInOf({ exec, "auth-provider": provider }: User): SignInPlugin | undefined {
    if (exec !== undefined) {
        const args = exec.args ?? [];
        const flag = (...names: string[]) => flagValue(args, names);
        return {
            kind: "exec",
            name: exec.command,
            serverId: flag("--server-id") ?? aksServerId,
            tenantId: flag("--tenant-id", "-t"),
            login: flag("--login", "-l"),
        };
    }
    if (provider !== undefined) {
        const config = provider.config ?? {};
        return {
            kind: "auth-provider",
            name: provider.name,
            serverId: config["apiserver-id"] ?? aksServerId,
            tenantId: config["tenant-id"],
        };
    }
    return undefined;
}

/** The value of a flag, `--flag value` or `--flag=value`; undefined where it is not there. */
export function flagValue(args: readonly string[], names: readonly string[]): string | undefined {
    for (const [i, arg] of args.entries()) {
        for (const name of names) {
            if (arg === name) {
                return args[i + 1];
            }
            if (arg.startsWith(`${name}=`)) {
                return arg.slice(name.length + 1);
            }
        }
    }
    return undefined;
}

/** The certificate of the user, or undefined where the user has none. */
export function clientCertificate({ client }: Kubeconfig): X509Certificate | undefined {
    return client === undefined ? undefined : new X509Certificate(client.certificate);
}

function read(yaml: string): z.output<typeof Schema> {
    let document: unknown;
    try {
        document = parse(yaml);
    } catch {
        throw new Error("The kubeconfig that AKS gave is not YAML.");
    }
    const result = Schema.safeParse(document);
    if (!result.success) {
        throw new Error(`The kubeconfig that AKS gave cannot be read: ${problems(result.error)}.`);
    }
    return result.data;
}

function decode(base64: string | undefined): string | undefined {
    return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("utf8");
}
