import type { BackendKind } from "./api-server";
import type { ClusterKind } from "./cluster-kind";
import type { CertificateLifetimes } from "./cluster-secrets";
import type { Ended } from "./operation";

/** Names a cluster; upper and lower case are the same, as in Azure. */
export interface ClusterRef {
    resourceGroup: string;
    name: string;
}

/** How a rotation is to end. */
export interface RotationOutcome {
    status: Ended;
    /** Whether the CA is replaced all the same. Default: only where the status is Succeeded. */
    changesCa?: boolean;
    /** The operation's error code where it does not succeed. Default: InternalOperationError. */
    code?: string;
    /** The operation's error message where it does not succeed. */
    message?: string;
    /**
     * The operation's whole `error` where it does not succeed, of any shape; undefined or null: as code and message say.
     * Where neither is given a Canceled operation has no error.
     */
    error?: unknown;
}

/** A node pool as Azure shows it; there are no nodes behind it. */
export interface NodePool {
    name: string;
    /** Default 1. */
    count?: number;
    /** Default: the cluster's. */
    provisioningState?: string;
    /** Nodes that are added in an upgrade: a number or a percentage. Default: not shown. */
    maxSurge?: string;
    /** Nodes that may be missing in an upgrade: a number or a percentage. Default: not shown. */
    maxUnavailable?: string;
}

/** A pod disruption budget as a light cluster's API server lists it. */
export interface DisruptionBudget {
    namespace: string;
    name: string;
    disruptionsAllowed: number;
    /** How many pods it covers. Default 1. */
    expectedPods?: number;
}

/** What can be set for each cluster, at any time. */
export interface ClusterSettings {
    /** How long a rotation takes, seconds. It takes longer if the API server does. Default: that of the local AKS. */
    rotationSeconds: number;
    /** How long create, update, delete, start and stop take, seconds. Default 1. */
    operationSeconds: number;
    /**
     * The API server is down for at least so long in a rotation, seconds. Default: 0 for a control plane (its restart
     * takes about 3), half the rotation for the light backend.
     */
    outageSeconds: number | undefined;
    /** Succeeded is said although the API server comes back only so many seconds later. Default 0. */
    slowReturnSeconds: number;
    /** For so many seconds after Succeeded the credentials API still serves the old kubeconfig. Default 0. */
    credentialsLagSeconds: number;
    /**
     * For so many seconds after a rotation the API server has a second replica that is not restarted yet: every second
     * new connection meets the old certificates. Of the light backend alone. Default 0.
     */
    alternatingSeconds: number;
    /** Retry-After of long-running operations, seconds; undefined: the header is not sent. Default: undefined. */
    retryAfterSeconds: number | undefined;
    /** How the next rotations end, the first one first. Then they succeed. Default: none. */
    rotationOutcomes: RotationOutcome[];
    /** Of certificates made from now on. Default: AKS's. */
    certificateLifetimes: CertificateLifetimes;
    /** Its node pools. Default: one, `nodepool1`. */
    nodePools: NodePool[];
    /** Of the light backend; a control plane has what is created in it. Default: none. */
    disruptionBudgets: DisruptionBudget[];
    /** KubernetesOfficial or AKSLongTermSupport. Default: KubernetesOfficial. */
    supportPlan: string;
    /** How long a command takes that runCommand runs, at least, seconds. Default 0. */
    commandSeconds: number;
    /** Why commands cannot be run, such as a pod that no node has room for; undefined: they can. Default: undefined. */
    commandFailure: string | undefined;
    /**
     * How runCommand is answered: 202 with a Location; or 200, with the result once the command has ended, or at once with
     * no more of it than its id. Default: accepted.
     */
    commandAnswer: "accepted" | "result" | "running";
    /** How answers show `properties.resourceUID`: with its value, as null, or not at all. Default: value. */
    shownResourceUID: "value" | "null" | "missing";
}

/** What a cluster is made with. */
export interface ClusterOptions extends ClusterRef, ClusterKind {
    backend: BackendKind;
    /** Default: westeurope. */
    location?: string;
    /** As Azure shows it. Default: that of the control plane's tools, or 1.36.3. */
    kubernetesVersion?: string;
    /** Default: none. */
    tags?: Record<string, string>;
    /** Certificates of how many other CAs are in the kubeconfig's bundle; they stay when it is rotated. Default 0. */
    otherAuthorities?: number;
    /** This machine is in the private network of a private cluster, as by a VPN. Default: false. */
    inPrivateNetwork?: boolean;
    /** Default: as in each setting. */
    settings?: Partial<ClusterSettings>;
}
