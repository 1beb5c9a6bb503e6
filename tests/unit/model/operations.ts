/** How a rotation goes; all that Azure can make of one. */
export interface RotationPlan {
    outcome: "Succeeded" | "Failed" | "Canceled";
    /** Whether there is a new CA half way through: a rotation can fail after it, and succeed without it. */
    changesCa: boolean;
    seconds: number;
    /** How long before its end it shows that it is being canceled, if that is how it ends. */
    cancelingSeconds: number;
    /** For how long after it was accepted `provisioningState` still shows the state of before; shown before the CA changes. */
    stateLagSeconds: number;
    /** For how long after its end the credentials API still serves the old CA. Negative: it does not even wait for the end. */
    credentialsLagSeconds: number;
    /** How long after its end a replica of the API server still answers with the old CA. */
    replicasSeconds: number;
    /** The order in which connections reach the replicas meanwhile, as in simulated-ca.ts. */
    replicaOrder: number;
    /** The credentials name the old CAs beside the new one. */
    keepsOldCa: boolean;
    /** The code that the operation's error has where it does not succeed. */
    code: string | undefined;
    /** What AKS does by itself after it ended Failed: when, for how long it shows, and whether that brings a new CA. */
    reconciles: { afterSeconds: number; seconds: number; changesCa: boolean } | undefined;
}

/** A rotation without trouble. */
export const smoothRotation: RotationPlan = {
    outcome: "Succeeded",
    changesCa: true,
    seconds: 60,
    cancelingSeconds: 5,
    stateLagSeconds: 0,
    credentialsLagSeconds: 0,
    replicasSeconds: 0,
    replicaOrder: 0,
    keepsOldCa: false,
    code: undefined,
    reconciles: undefined,
};

/**
 * Operations of the second actor, beside a rotation and a cancel, and the words that Azure has for them. To reconcile the
 * certificates is nobody's rotation: it brings no new CA.
 */
export const otherOperations = {
    upgrade: "Upgrading",
    scale: "Scaling",
    update: "Updating",
    migrate: "Migrating",
    maintain: "Maintenance",
    reconcileCertificates: "ReconcilingClusterCertificates",
    reconcileEtcd: "ReconcilingClusterETCDCertificates",
    rotateTokens: "RotatingClusterStaticTokens",
    rotateInternalKeys: "RotatingServiceAccountSigningKeysInternal",
    rotateExternalKeys: "RotatingServiceAccountSigningKeysExternal",
    refreshServicePrincipal: "RefreshingServicePrincipalProfile",
    refreshAad: "RefreshingAADProfile",
    doTheUnheardOf: "NeverHeardOf",
    stop: "Stopping",
    start: "Starting",
    delete: "Deleting",
    create: "Creating",
} as const;

export type OtherOperation = keyof typeof otherOperations;
