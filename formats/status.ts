import * as z from "zod/mini";
import { Instant } from "./document";

/** How something stands, in the words of the monitoring plugins, best first but for `unknown`. */
export const states = ["ok", "warning", "critical", "unknown"] as const;

/** How something stands. */
export type State = (typeof states)[number];

const StateName = z.enum(states);

const CertificateStatus = z.strictObject({
    /** Whose it is. A cluster CA can have more than one certificate. */
    certificate: z.enum(["cluster CA", "API server", "client"]),
    /** Distinguished name of the subject, one line. */
    subject: z.string(),
    /** Distinguished name of the issuer, one line. */
    authority: z.string(),
    /** When it expires. */
    expires: Instant,
    /** Whole days until then, rounded down; negative when it has expired. */
    daysLeft: z.int(),
    /** SHA-256 fingerprint. */
    fingerprint: z.string(),
    state: StateName,
});

/** One certificate of a cluster. */
export type CertificateStatus = z.output<typeof CertificateStatus>;

const Rotation = z.strictObject({
    /** The high-water mark of the rotation generation. */
    generation: z.number(),
    outcome: z.enum(["adopted", "rotated", "found rotated"]),
    /** When the rotation was complete and verified, or the cluster adopted. */
    finished: Instant,
    /** Where the record was read: the stack's output, or the ConfigMap in the cluster. */
    source: z.enum(["stack", "ConfigMap"]),
    /**
     * Whether the cluster CA is still the one that the record ends with; false: somebody has rotated it since; null: the
     * CA is not known.
     */
    isOfThisCa: z.nullable(z.boolean()),
});

/** What a cluster's rotation record says. */
export type RotationStatus = z.output<typeof Rotation>;

const KubeconfigStatus = z.strictObject({
    /** The file, or `stack`. */
    source: z.string(),
    /** `absent`: the cluster is not in it. */
    state: z.enum(["current", "outdated", "absent", "unknown"]),
    /** Why it is not current; null where it is. */
    reason: z.nullable(z.string()),
});

/** Whether a kubeconfig still works. */
export type KubeconfigStatus = z.output<typeof KubeconfigStatus>;

const ClusterStatus = z.strictObject({
    /** ARM id, lower case. */
    clusterId: z.string(),
    subscriptionId: z.string(),
    resourceGroup: z.string(),
    name: z.string(),
    /** The worst of what follows. */
    state: StateName,
    /** Azure's word; null where Azure could not be asked. */
    provisioningState: z.nullable(z.string()),
    powerState: z.nullable(z.enum(["Running", "Stopped"])),
    certificates: z.array(CertificateStatus),
    /** What could not be seen, or is not as it should be, and why; one sentence each. */
    notes: z.array(z.string()),
    /** The last rotation; null where it is not known. */
    rotation: z.nullable(Rotation),
    /** Why it is not known; null where it is. */
    rotationUnknown: z.nullable(z.string()),
    /** Null where no kubeconfig was given. */
    kubeconfig: z.nullable(KubeconfigStatus),
    /** Why nothing could be told of the cluster; null where something could. */
    error: z.nullable(z.string()),
});

/** How one cluster stands. */
export type ClusterStatus = z.output<typeof ClusterStatus>;

/** What `status -o json` and `-o yaml` print. Holds no secret. */
export const StatusReport = z.strictObject({
    /** The format's version. A later version of the package may add fields to this one, and takes none away. */
    status: z.literal(1),
    /** When it was made. */
    time: Instant,
    /** The worst of all clusters. */
    state: StateName,
    /** So many days left, or fewer, are a warning, or critical. */
    warnDays: z.number(),
    criticalDays: z.number(),
    /** In the order of their ids. */
    clusters: z.array(ClusterStatus),
});

/** What `status` tells. */
export type StatusReport = z.output<typeof StatusReport>;
