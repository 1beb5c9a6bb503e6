import { X509Certificate } from "node:crypto";
import { parseDocument } from "yaml";
import { z } from "zod/mini";
import { certificatesIn, fingerprintsOf, sameFingerprints } from "../formats/certificate";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { KubeconfigStatus } from "../formats/status";
import { YAML_OPTIONS } from "../formats/yaml-options";
import { leadsTo, sameServer } from "./same-cluster";

const text = z.optional(z.string());

const Schema = z.object({
    clusters: z._default(
        z.nullable(
            z.array(
                z.object({
                    name: z.string(),
                    cluster: z.object({
                        server: text,
                        "tls-server-name": text,
                        "proxy-url": text,
                        "certificate-authority-data": text,
                        "certificate-authority": text,
                    }),
                }),
            ),
        ),
        null,
    ),
    contexts: z._default(
        z.nullable(z.array(z.object({ name: z.string(), context: z.object({ cluster: text, user: text }) }))),
        null,
    ),
    users: z._default(
        z.nullable(
            z.array(
                z.object({
                    name: z.string(),
                    user: z.nullable(z.object({ "client-certificate-data": text, "client-certificate": text })),
                }),
            ),
        ),
        null,
    ),
});

/** A user's kubeconfig, to be held against what Azure hands out. */
export type UserKubeconfig = z.output<typeof Schema>;

/**
 * Reads a user's kubeconfig.
 *
 * @throws Error when it is none; never repeats its contents
 */
export function readUserKubeconfig(yaml: string): UserKubeconfig {
    const document = parseDocument(yaml, YAML_OPTIONS);
    let contents: unknown;
    try {
        contents = document.errors.length > 0 ? undefined : (document.toJS() ?? {});
    } catch {
        // As good as no YAML.
    }
    const result = Schema.safeParse(contents);
    if (!result.success) {
        throw new Error(contents === undefined ? "it is not YAML" : "it is no kubeconfig");
    }
    return result.data;
}

/** The kubeconfig that several files make up, as kubectl merges them: of two entries of one name the first one counts. */
export function mergeUserKubeconfigs(configs: readonly UserKubeconfig[]): UserKubeconfig {
    const first = <T extends { name: string }>(entries: readonly T[]) => [
        ...new Map([...entries].reverse().map((entry) => [entry.name, entry])).values(),
    ];
    return {
        clusters: first(configs.flatMap(({ clusters }) => clusters ?? [])),
        contexts: first(configs.flatMap(({ contexts }) => contexts ?? [])),
        users: first(configs.flatMap(({ users }) => users ?? [])),
    };
}

/**
 * Whether all contexts of a kubeconfig that lead to a cluster's API server, also through a tunnel, still work, by its CA and client certificates. A client
 * certificate that is not the one that Azure hands out now is current too, while the cluster CA of now has signed it.
 *
 * @param source the file's name
 * @param hosts further host names of the API server: a private cluster has a public one too, and either can be in the file
 * @param now milliseconds since 1970
 */
export function checkKubeconfig(
    config: UserKubeconfig,
    source: string,
    azure: Kubeconfig,
    hosts: readonly string[],
    now: number,
): KubeconfigStatus {
    const servers = serversOf(azure, hosts);
    const clusters = clustersOf(config, servers);
    const found = (config.contexts ?? []).flatMap(({ name, context }) => {
        const cluster = clusters.find((one) => one.name === context.cluster)?.cluster;
        const user = (config.users ?? []).find((one) => one.name === context.user)?.user ?? undefined;
        return cluster === undefined ? [] : [{ name, ...checkContext(cluster, user, azure, now) }];
    });
    const bad = found.find(({ state }) => state === "outdated") ?? found.find(({ state }) => state === "unknown");
    if (bad !== undefined) {
        return { source, state: bad.state, reason: `context "${bad.name}": ${bad.reason}` };
    }
    return found.length === 0
        ? { source, state: "absent", reason: `no context leads to ${servers.join(" or ")}` }
        : { source, state: "current", reason: null };
}

/**
 * The proxy through which a kubeconfig reaches a cluster's API server: `proxy-url` of the first entry that leads to it;
 * undefined where it names none.
 *
 * @param hosts further host names of the API server
 */
export function proxyUrlOf(config: UserKubeconfig, azure: Kubeconfig, hosts: readonly string[]): string | undefined {
    return clustersOf(config, serversOf(azure, hosts))[0]?.cluster["proxy-url"];
}

/** The URLs of a cluster's API server, by each of its names. */
function serversOf(azure: Kubeconfig, hosts: readonly string[]): string[] {
    const others = hosts.map((host) => withHost(azure.server, host));
    return [azure.server, ...others.filter((server) => !sameServer(server, azure.server))];
}

/** The entries that lead to one of these servers. */
function clustersOf(config: UserKubeconfig, servers: readonly string[]): NonNullable<UserKubeconfig["clusters"]> {
    return (config.clusters ?? []).filter(({ cluster }) => servers.some((server) => leadsTo(cluster, server)));
}

/** Another name of the same API server, which has one port. */
function withHost(server: string, host: string): string {
    const url = new URL(server);
    url.hostname = host;
    return url.origin;
}

type Cluster = NonNullable<UserKubeconfig["clusters"]>[number]["cluster"];
type User = NonNullable<UserKubeconfig["users"]>[number]["user"];
type Verdict = { state: "current" | "outdated" | "unknown"; reason: string };

function checkContext(cluster: Cluster, user: User | undefined, azure: Kubeconfig, now: number): Verdict {
    if (cluster["certificate-authority"] !== undefined || user?.["client-certificate"] !== undefined) {
        return { state: "unknown", reason: "its certificates are in other files, which are not read" };
    }
    let ca: X509Certificate[];
    let client: X509Certificate | undefined;
    try {
        ca = certificatesIn(decode(cluster["certificate-authority-data"] ?? ""));
        const data = user?.["client-certificate-data"];
        client = data === undefined ? undefined : new X509Certificate(decode(data));
    } catch {
        return { state: "unknown", reason: "its certificates cannot be read" };
    }
    if (!sameFingerprints(fingerprintsOf(ca), azure.caFingerprints)) {
        return { state: "outdated", reason: "its cluster CA is not the one of now" };
    }
    if (client !== undefined && !azure.ca.some(({ publicKey }) => client.verify(publicKey))) {
        return { state: "outdated", reason: "its client certificate is not of the cluster CA of now" };
    }
    if (client !== undefined && Date.parse(client.validTo) < now) {
        return { state: "outdated", reason: "its client certificate has expired" };
    }
    return { state: "current", reason: "" };
}

function decode(base64: string): string {
    return Buffer.from(base64, "base64").toString("utf8");
}
