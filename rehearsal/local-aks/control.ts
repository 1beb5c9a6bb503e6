import type { Cloud } from "./cloud";
import type { Cluster } from "./cluster";
import type { ClusterOptions, ClusterRef, ClusterSettings } from "./cluster-options";
import { AKS_LIFETIMES, type CertificateLifetimes, caFingerprint } from "./cluster-secrets";
import { endingAsTold } from "./ending";
import type { Fault, FaultReport } from "./fault";
import type { OfferedVersion } from "./kubernetes-versions";
import { clusterId, resourceId } from "./managed-cluster";
import type { Ended, Operation, OperationStatus } from "./operation";
import type { RequestKind } from "./request-kind";
import type { RequestEntry } from "./request-log";
import type { RotationCounts } from "./rotation-counts";
import type { SignIn } from "./sign-in";

/** How a cluster stands, and what has been asked of it. */
export interface ClusterReport extends ClusterRef {
    id: string;
    backend: string;
    /** e.g. https://127.0.0.1:20443 */
    server: string;
    resourceUID: string;
    eTag: string;
    provisioningState: string;
    powerState: string;
    /** SHA-256 of the CA that the API server has, lower-case hexadecimal. During a rotation: of the one it had. */
    caFingerprint: string;
    /** Id of the operation that runs now, if one does. */
    operationId?: string;
    rotations: RotationCounts;
    /** How many requests there were about this cluster. */
    requests: Partial<Record<RequestKind, number>>;
    settings: ClusterSettings;
}

/** A long-running operation that runs. */
export interface RunningOperation {
    id: string;
    /** Settles when it has ended; never fails. */
    finished: Promise<OperationStatus>;
}

/** Sets and tells what Azure's API does not. A cluster that is not there is an ArmError 404 everywhere. */
export interface Control {
    /** Makes a cluster, and waits until its API server is ready. */
    addCluster(options: ClusterOptions): Promise<void>;
    clusters(): ClusterReport[];
    cluster(ref: ClusterRef): ClusterReport;
    /** The kubeconfig that Azure would hand out now; no request is made, nor counted. In process alone. */
    kubeconfig(ref: ClusterRef, role: "user" | "admin"): string;
    /** Changes settings; those that are not given stay. They count from the next operation on. */
    set(ref: ClusterRef, settings: Partial<ClusterSettings>): void;
    /** Another administrator rotates. Throws ArmError 409 while another operation runs. */
    rotateBySomebodyElse(ref: ClusterRef): RunningOperation;
    /**
     * Another administrator does something else: `provisioningState` is Upgrading, Scaling, or any word.
     * Throws ArmError 409 while another operation runs.
     *
     * @param ending how it ends. Default: Succeeded.
     */
    beginOperation(ref: ClusterRef, provisioningState: string, seconds: number, ending?: Ended): RunningOperation;
    /**
     * Ends the operation that runs now, and waits for that. A rotation ends as an outcome of this status would: the CA
     * has changed if it is Succeeded, unless the planned outcome has its own `changesCa`; where the API server has new
     * certificates already and the CA is not to change, it gets the old ones back. A cluster whose deletion does not
     * succeed stays. ArmError 409 if no operation runs.
     *
     * @returns how it has ended; otherwise than asked for if it was at its end already.
     */
    endOperation(ref: ClusterRef, status: Ended): Promise<OperationStatus>;
    /** Settles when no operation runs on the cluster, or it is gone. */
    waitUntilIdle(ref: ClusterRef): Promise<void>;
    /** Deletes the cluster at once, also in the middle of an operation, which is then Canceled. */
    delete(ref: ClusterRef): Promise<void>;
    /** The same, and makes it again under its name: with another resourceUID, CA and server, and without its objects. */
    recreate(ref: ClusterRef): Promise<void>;
    /**
     * Replaces the CA and all certificates at once, without a rotation that anybody could see. With negative seconds
     * they have expired. What is not given lasts as on AKS.
     */
    replaceCertificates(ref: ClusterRef, lifetimes: Partial<CertificateLifetimes>): Promise<void>;
    /** Takes the API server down, or brings it back, while Azure says that all is well. */
    setReachable(ref: ClusterRef, reachable: boolean): Promise<void>;
    /** The requests so far, oldest first (the newest 20,000): all, or those about a cluster. */
    requests(ref?: ClusterRef): RequestEntry[];
    /** Forgets the requests and their counts. */
    clearRequests(): void;
    /**
     * Arms a fault; gives its number. Throws SyntaxError if `match.path` or `match.userAgent` is no regular expression,
     * Error if its action cannot be done to what it is for.
     */
    addFault(fault: Fault): number;
    faults(): FaultReport[];
    /**
     * Settles when the fault has struck so often, at once if it has already, even if it is gone by now. What is struck
     * `after` counts once it has been handled. Fails with ArmError 404 if the fault is gone before.
     *
     * @param hits default: 1.
     */
    struck(id: number, hits?: number): Promise<void>;
    /**
     * Takes the fault away, and lets all that it holds go on. What has lost its client is dropped. Nothing happens if
     * there is no such fault.
     */
    release(id: number): void;
    /** The same as `release`. */
    removeFault(id: number): void;
    /** Takes all faults away, and lets all that they hold go on. */
    clearFaults(): void;
    /**
     * Takes away the right to do these actions, e.g.
     * Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action, and no others: an empty list gives
     * all rights back.
     *
     * @param clientId default: every client.
     */
    denyActions(actions: string[], clientId?: string): void;
    /** The versions of Kubernetes that AKS has, in every location. */
    setKubernetesVersions(versions: OfferedVersion[]): void;
    /** The versions that the API of managed clusters has in this cloud; undefined: any. */
    setApiVersions(versions: readonly string[] | undefined): void;
    /** How long access tokens last from now on, seconds; 0 or less: they have expired when they are given out. */
    setTokenLifetime(seconds: number): void;
    /**
     * Puts the clock of Azure and of its clusters ahead of the machine's by so many seconds from now on; negative: behind.
     * Date and Retry-After, tokens, certificates and the times of operations go by it. How long something takes, and the
     * request log, do not; nor do the processes of a control plane.
     */
    setClockSkew(seconds: number): void;
    /** Makes a resource of another type, such as Microsoft.ContainerService/fleets, of which nothing but its name is known. */
    addResource(type: string, ref: ClusterRef): void;
    /** Makes another service principal. */
    addClient(): { clientId: string; clientSecret: string };
}

/** Makes the controls of a cloud. */
export function createControl(cloud: Cloud, signIn: SignIn): Control {
    const report = (cluster: Cluster): ClusterReport => ({
        ...cluster.ref,
        id: clusterId(cloud, cluster),
        backend: cluster.backend,
        server: cluster.server,
        resourceUID: cluster.resourceUID,
        eTag: cluster.eTag,
        provisioningState: cluster.provisioningState,
        powerState: cluster.powerState,
        caFingerprint: caFingerprint(cluster.current),
        operationId: cluster.operation?.id,
        rotations: { ...cluster.rotations },
        requests: cloud.log.counts(cluster.ref),
        settings: { ...cluster.settings },
    });
    const running = ({ id, finished }: Operation): RunningOperation => ({ id, finished });

    return {
        addCluster: async (options) => {
            await cloud.addCluster(options);
        },
        clusters: () => cloud.clusters().map(report),
        cluster: (ref) => report(cloud.cluster(ref)),
        kubeconfig: (ref, role) => cloud.cluster(ref).kubeconfig(role),
        set: (ref, settings) => {
            Object.assign(cloud.cluster(ref).settings, settings);
        },
        rotateBySomebodyElse: (ref) => running(cloud.cluster(ref).rotate(true)),
        beginOperation: (ref, provisioningState, seconds, ending = "Succeeded") =>
            running(cloud.cluster(ref).begin(provisioningState, seconds, async () => endingAsTold(ending))),
        endOperation: async (ref, status) => cloud.cluster(ref).endOperation(status),
        waitUntilIdle: async (ref) => {
            for (let cluster = cloud.findCluster(ref); cluster?.operation; cluster = cloud.findCluster(ref)) {
                await cluster.operation.finished;
            }
        },
        delete: (ref) => cloud.remove(cloud.cluster(ref)),
        recreate: async (ref) => {
            const { options, settings } = cloud.cluster(ref);
            await cloud.remove(cloud.cluster(ref));
            await cloud.addCluster({ ...options, settings });
        },
        replaceCertificates: (ref, lifetimes) =>
            cloud.cluster(ref).replaceCertificates({ ...AKS_LIFETIMES, ...lifetimes }),
        setReachable: (ref, reachable) => cloud.cluster(ref).setReachable(reachable),
        requests: (ref) => cloud.log.entries(ref),
        clearRequests: () => cloud.log.clear(),
        addFault: (fault) => cloud.faults.add(fault),
        faults: () => cloud.faults.report(),
        struck: (id, hits = 1) => cloud.faults.struck(id, hits),
        release: (id) => cloud.faults.remove(id),
        removeFault: (id) => cloud.faults.remove(id),
        clearFaults: () => cloud.faults.clear(),
        denyActions: (actions, clientId) => {
            for (const client of cloud.clients.all()) {
                if (clientId === undefined || client.clientId === clientId) {
                    client.denied = new Set(actions.map((action) => action.toLowerCase()));
                }
            }
        },
        setKubernetesVersions: (versions) => {
            cloud.kubernetesVersions = versions;
        },
        setApiVersions: (versions) => {
            cloud.apiVersions = versions;
        },
        setTokenLifetime: (seconds) => {
            signIn.tokenSeconds = seconds;
        },
        setClockSkew: (seconds) => {
            cloud.clock.skewSeconds = seconds;
        },
        addResource: (type, { resourceGroup, name }) => {
            cloud.others.add(resourceId(cloud, resourceGroup, type, name).toLowerCase());
        },
        addClient: () => {
            const { clientId, secret } = cloud.clients.add();
            return { clientId, clientSecret: secret };
        },
    };
}
