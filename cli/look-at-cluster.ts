import type { FoundCluster } from "../azure/clusters";
import { sameFingerprints } from "../formats/certificate";
import { isSameCluster } from "../formats/cluster-identity";
import { clientCertificate, type Kubeconfig, parseKubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import type { CertificateStatus, ClusterStatus, KubeconfigStatus, RotationStatus, State } from "../formats/status";
import type { Caller, Handshake } from "../rotator/api-server";
import type { GetToken } from "../rotator/verify";
import { judgeCertificate, type Thresholds, worst } from "./judge";

/** Whom one asks about a cluster. */
export interface Sources {
    /** The kubeconfig that Azure hands out now, as text. */
    kubeconfig(cluster: FoundCluster): Promise<string>;
    /** Undefined where API servers are not to be asked. */
    apiServer?: {
        shakeHands(credentials: Kubeconfig): Promise<Handshake>;
        /** A bearer token, for a kubeconfig that names a program for it. Fails where there is none. */
        token: GetToken;
        record(credentials: Kubeconfig, caller: Caller): Promise<RotationRecord>;
    };
    /** The record that the stack has, where a stack was named and has one. */
    stackRecord?: RotationRecord;
    /** Holds the kubeconfig that was given against Azure's; null where none was. */
    check(credentials: Kubeconfig, cluster: FoundCluster): KubeconfigStatus | null;
    /** The proxy through which the kubeconfig that was given reaches the API server; undefined where it names none. */
    proxyUrl(credentials: Kubeconfig, cluster: FoundCluster): string | undefined;
    /** How it stands where the kubeconfig that was given has nothing of the cluster. */
    absent: State;
    /** What an error of Azure means. */
    explain(error: unknown): string;
}

/**
 * How one cluster stands. What cannot be seen is a note, or an error of this cluster, and fails nothing.
 *
 * @param now milliseconds since 1970
 */
export async function lookAtCluster(
    cluster: FoundCluster,
    sources: Sources,
    thresholds: Thresholds,
    now: number,
): Promise<ClusterStatus> {
    const blank = {
        ...blankStatus(cluster),
        provisioningState: cluster.provisioningState,
        powerState: cluster.stopped ? ("Stopped" as const) : ("Running" as const),
    };
    let credentials: Kubeconfig;
    try {
        const azure = parseKubeconfig(await sources.kubeconfig(cluster));
        credentials = { ...azure, proxyUrl: azure.proxyUrl ?? sources.proxyUrl(azure, cluster) };
    } catch (error) {
        return { ...blank, error: sources.explain(error), ...recordOf(cluster, sources.stackRecord, undefined) };
    }
    const judge = (what: CertificateStatus["certificate"], certificate: Parameters<typeof judgeCertificate>[1]) =>
        judgeCertificate(what, certificate, thresholds, now);
    const certificates = credentials.ca.map((certificate) => judge("cluster CA", certificate));
    const notes: string[] = [];
    const noteStates: State[] = [];
    const client = clientCertificate(credentials);
    if (client === undefined) {
        notes.push(`There is no client certificate: users sign in by ${credentials.signIn?.name ?? "a token"}.`);
    }
    const seen = await seeApiServer(cluster, credentials, sources);
    if ("handshake" in seen) {
        certificates.push(judge("API server", seen.handshake.certificate));
        if (!seen.handshake.signed) {
            notes.push(
                "The API server's certificate is not of the cluster CA that Azure hands out: somebody has just rotated, " +
                    "or a proxy is in between. Look again in a few minutes.",
            );
            noteStates.push("warning");
        }
    } else {
        notes.push(`The API server's certificate was not seen: ${seen.why}.`);
        noteStates.push(seen.state);
    }
    if (client !== undefined) {
        certificates.push(judge("client", client));
    }
    const kubeconfig = sources.check(credentials, cluster);
    const bad: Record<KubeconfigStatus["state"], State> = {
        current: "ok",
        absent: sources.absent,
        outdated: "critical",
        unknown: "unknown",
    };
    return {
        ...blank,
        certificates,
        notes,
        kubeconfig,
        ...(await findRecord(cluster, credentials, seen, sources)),
        state: worst([
            ...certificates.map(({ state }) => state),
            ...noteStates,
            ...(kubeconfig === null ? [] : [bad[kubeconfig.state]]),
        ]),
    };
}

/** The status of a cluster of which nothing could be told. */
export function failedCluster(
    names: Pick<FoundCluster, "clusterId" | "subscriptionId" | "resourceGroupName" | "clusterName">,
    error: string,
): ClusterStatus {
    return { ...blankStatus(names), error, rotationUnknown: "the cluster could not be looked at" };
}

/** The status of a cluster that somebody else looks after, of which nothing is asked: it is nobody's alarm. */
export function leftAlone(cluster: FoundCluster, why: string): ClusterStatus {
    const { provisioningState, stopped } = cluster;
    const powerState = stopped ? ("Stopped" as const) : ("Running" as const);
    const state = "ok" as const;
    return {
        ...blankStatus(cluster),
        state,
        provisioningState,
        powerState,
        notes: [why],
        rotationUnknown: "it was not looked at",
    };
}

function blankStatus({
    clusterId,
    subscriptionId,
    resourceGroupName,
    clusterName,
}: Pick<FoundCluster, "clusterId" | "subscriptionId" | "resourceGroupName" | "clusterName">): ClusterStatus {
    return {
        clusterId,
        subscriptionId,
        resourceGroup: resourceGroupName,
        name: clusterName,
        state: "unknown",
        provisioningState: null,
        powerState: null,
        certificates: [],
        notes: [],
        rotation: null,
        rotationUnknown: null,
        kubeconfig: null,
        error: null,
    };
}

type Seen = { handshake: Handshake } | { why: string; state: State };

async function seeApiServer(cluster: FoundCluster, credentials: Kubeconfig, { apiServer }: Sources): Promise<Seen> {
    if (apiServer === undefined) {
        return { why: "API servers were not to be asked (--no-api-server)", state: "ok" };
    }
    if (cluster.stopped) {
        return { why: "the cluster is stopped", state: "ok" };
    }
    try {
        return { handshake: await apiServer.shakeHands(credentials) };
    } catch (error) {
        return { why: `${credentials.server} cannot be reached: ${(error as Error).message}`, state: "unknown" };
    }
}

async function findRecord(
    cluster: FoundCluster,
    credentials: Kubeconfig,
    seen: Seen,
    { apiServer, stackRecord }: Sources,
): Promise<Pick<ClusterStatus, "rotation" | "rotationUnknown">> {
    if (stackRecord !== undefined) {
        return recordOf(cluster, stackRecord, credentials);
    }
    const unknown = (why: string) => ({ rotation: null, rotationUnknown: why });
    if (apiServer === undefined || !("handshake" in seen)) {
        return unknown("the API server was not asked");
    }
    if (!seen.handshake.trusted) {
        return unknown(`the API server is not trusted (${seen.handshake.reason})`);
    }
    try {
        const { signIn } = credentials;
        const caller = signIn === undefined ? credentials : { token: await apiServer.token(signIn) };
        return recordOf(cluster, await apiServer.record(credentials, caller), credentials, "ConfigMap");
    } catch (error) {
        return unknown((error as Error).message.split("\n", 1)[0] ?? "");
    }
}

/** @param credentials undefined where it is not known what the CA is */
function recordOf(
    { resourceUID, clusterId }: FoundCluster,
    record: RotationRecord | undefined,
    credentials: Kubeconfig | undefined,
    source: RotationStatus["source"] = "stack",
): Pick<ClusterStatus, "rotation" | "rotationUnknown"> {
    if (record === undefined) {
        return { rotation: null, rotationUnknown: "the cluster's credentials could not be read" };
    }
    if (!isSameCluster(record, { resourceUID, clusterId })) {
        return { rotation: null, rotationUnknown: "the record is of another cluster, which had this name before" };
    }
    const { generation, outcome, finished } = record;
    const isOfThisCa = credentials === undefined ? null : sameFingerprints(record.caAfter, credentials.caFingerprints);
    return { rotation: { generation, outcome, finished, source, isOfThisCa }, rotationUnknown: null };
}
