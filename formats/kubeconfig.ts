import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import * as z from "zod/mini";
import { certificatesIn, fingerprintsOf } from "./certificate";
import { problems } from "./document";
import { YAML_OPTIONS } from "./yaml-options";

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
                        env: z.nullish(z.array(z.object({ name: z.string() }))),
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
    /** What the kubeconfig sets for the program that AKS never sets: flags and environment variables, by name. */
    unusual?: string[];
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

/** What is wrong with a kubeconfig's sign-in. */
export interface SignInProblem {
    /** A sentence without its full stop. */
    message: string;
    /** What to do about it; no full stop. */
    advice: string;
}

/**
 * Why a kubeconfig's sign-in is not followed: whoever can change the kubeconfig could otherwise have this machine run any
 * program, or hand the API server a token for another audience.
 *
 * @param serverApplicationId the only application that tokens may be for
 * @returns undefined where all is as AKS has it
 */
export function signInProblem(
    { kind, name = "", serverId, unusual = [] }: Partial<SignInPlugin>,
    serverApplicationId = aksServerId,
): SignInProblem | undefined {
    const advice =
        'Look who has changed the kubeconfig; or set credentials to "admin" where local accounts are allowed';
    if (kind === "exec" && !KUBELOGIN.test(name)) {
        return {
            message: `the kubeconfig signs in by the program "${name}", and only kubelogin is run, by that name and from PATH`,
            advice,
        };
    }
    if (unusual.length > 0) {
        return {
            message: `the kubeconfig gives ${name} settings that AKS does not give it (${unusual.join(", ")})`,
            advice,
        };
    }
    if (serverId !== undefined && serverId.toLowerCase() !== serverApplicationId.toLowerCase()) {
        const expected =
            serverApplicationId.toLowerCase() === aksServerId
                ? `the AKS server application (${aksServerId})`
                : `${serverApplicationId}, which serverApplicationId allows`;
        return {
            message: `the kubeconfig asks for a token for application ${serverId}, and not for ${expected}`,
            advice: `If the cluster has a server application of its own, set serverApplicationId to its id. ${advice}`,
        };
    }
    return undefined;
}

const KUBELOGIN = /^kubelogin(\.exe)?$/i;

/** Flags of `kubelogin get-token` that are followed by a value, those that AKS writes. */
const VALUE_FLAGS = ["--environment", "--server-id", "--client-id", "--tenant-id", "-t", "--login", "-l"];

/** Those without a value. */
const SWITCHES = ["--legacy", "--is-legacy"];

function signInOf({ exec, "auth-provider": provider }: User): SignInPlugin | undefined {
    if (exec !== undefined) {
        const { flags, unknown } = readArguments(exec.args ?? []);
        const unusual = [...unknown, ...(exec.env ?? []).map(({ name }) => name)];
        return {
            kind: "exec",
            name: exec.command,
            serverId: flags.get("--server-id") ?? aksServerId,
            tenantId: flags.get("--tenant-id") ?? flags.get("-t"),
            login: flags.get("--login") ?? flags.get("-l"),
            ...(unusual.length > 0 && { unusual }),
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

/** The flags of a command line as kubelogin itself reads them: `--flag value` or `--flag=value`, the last one counts. */
function readArguments(args: readonly string[]): { flags: Map<string, string>; unknown: string[] } {
    const flags = new Map<string, string>();
    const unknown: string[] = [];
    for (let i = 0; i < args.length; i++) {
        const arg = args[i] ?? "";
        const [name = "", ...value] = arg.split("=");
        if (!arg.startsWith("-") || SWITCHES.includes(name)) {
            continue;
        }
        if (!VALUE_FLAGS.includes(name)) {
            unknown.push(name);
        } else if (value.length > 0) {
            flags.set(name, value.join("="));
        } else {
            i++;
            flags.set(name, args[i] ?? "");
        }
    }
    return { flags, unknown };
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
        document = parse(yaml, YAML_OPTIONS);
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
