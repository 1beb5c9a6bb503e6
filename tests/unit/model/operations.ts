/** How a rotation goes; all that Azure can make of one. */
export interface RotationPlan {
    outcome: "Succeeded" | "Failed" | "Canceled";
    /** Whether there is a new CA half way through: a rotation can fail after it, and succeed without it. */
    changesCa: boolean;
    seconds: number;
    /** For how long after it was accepted `provisioningState` still shows the state of before; shown before the CA changes. */
    stateLagSeconds: number;
    /** For how long after its end the credentials API still serves the old CA. Negative: it does not even wait for the end. */
    credentialsLagSeconds: number;
}

/** A rotation without trouble. */
export const smoothRotation: RotationPlan = {
    outcome: "Succeeded",
    changesCa: true,
    seconds: 60,
    stateLagSeconds: 0,
    credentialsLagSeconds: 0,
};

/** Operations of the second actor, beside a rotation, and the words that Azure has for them. */
export const otherOperations = {
    upgrade: "Upgrading",
    scale: "Scaling",
    update: "Updating",
    migrate: "Migrating",
    maintain: "Maintenance",
    rotateTokens: "RotatingServiceAccountSigningKeysExternal",
    reconcileEtcd: "ReconcilingClusterETCDCertificates",
    doTheUnheardOf: "NeverHeardOf",
    stop: "Stopping",
    start: "Starting",
    delete: "Deleting",
    create: "Creating",
} as const;

export type OtherOperation = keyof typeof otherOperations;
