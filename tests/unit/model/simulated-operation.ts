import type { ShownCluster } from "./azure-answers";
import type { RotationPlan } from "./operations";
import type { SimulatedCa } from "./simulated-ca";

/** A rotation that Azure has accepted from somebody: the truth that the promises are held against. */
export interface Rotation<Context> {
    number: number;
    by: "us" | "them";
    uid: string;
    acceptedAt: number;
    /** From when on the provisioning state shows it. */
    shownAt: number;
    endedAt: number | undefined;
    outcome: RotationPlan["outcome"] | undefined;
    /** When the API server got a new CA from it; undefined where it did not, so far. */
    changedAt: number | undefined;
    /** Whether we were told that it was accepted. */
    answered: boolean;
    /** Whether the network had kept the request for it for a while. */
    wasLate: boolean;
    /** Why we started it. */
    context: Context | undefined;
    /** The code of the operation's error. */
    code: string | undefined;
    /** When AKS is going to reconcile it. */
    reconcilesAt: number | undefined;
    /** AKS has begun to reconcile it. */
    reconciled: boolean;
}

/** Something that Azure does to the cluster. */
export interface Operation<Context> {
    state: string;
    shownAt: number;
    switchesCaAt: number;
    endsAt: number;
    /** From when on it is being canceled. */
    cancelsAt: number;
    outcome: RotationPlan["outcome"];
    code: string | undefined;
    rotation: Rotation<Context> | undefined;
    plan: RotationPlan | undefined;
    /** What becomes of the cluster when it succeeds. */
    brings: "delete" | "stop" | "start" | undefined;
}

/** A managed cluster. */
export interface Cluster<Context> {
    uid: string;
    readonly cas: SimulatedCa;
    state: RotationPlan["outcome"];
    stopped: boolean;
    changes: number;
    operation: Operation<Context> | undefined;
    /** The rotation that ended last, as long as the provisioning state shows how. */
    ended: Rotation<Context> | undefined;
    /** What AKS does by itself with a rotation that ended Failed, unless something else begins before. */
    reconcile: { at: number; rotation: Rotation<Context>; plan: RotationPlan } | undefined;
}

/** A rotation that Azure accepts now. */
export function newRotation<Context>(
    number: number,
    by: "us" | "them",
    uid: string,
    now: number,
    plan: RotationPlan,
    context: Context | undefined,
): Rotation<Context> {
    return {
        number,
        by,
        uid,
        acceptedAt: now,
        shownAt: now + plan.stateLagSeconds * 1000,
        endedAt: undefined,
        outcome: undefined,
        changedAt: undefined,
        answered: false,
        wasLate: false,
        context,
        code: undefined,
        reconcilesAt: undefined,
        reconciled: false,
    };
}

/** An operation that begins now and is shown at once. */
export function newOperation<Context>(
    now: number,
    state: string,
    seconds: number,
    outcome: RotationPlan["outcome"],
    cancelingSeconds: number,
): Operation<Context> {
    const endsAt = now + seconds * 1000;
    return {
        state,
        shownAt: now,
        switchesCaAt: Number.POSITIVE_INFINITY,
        endsAt,
        cancelsAt: outcome === "Canceled" ? endsAt - cancelingSeconds * 1000 : Number.POSITIVE_INFINITY,
        outcome,
        code: undefined,
        rotation: undefined,
        plan: undefined,
        brings: undefined,
    };
}

/** A cluster as Azure shows it: an operation that is not shown yet has not changed the eTag either. */
export function showCluster(cluster: Cluster<unknown>, now: number): ShownCluster {
    const { uid, operation, changes, stopped } = cluster;
    const shown = operation !== undefined && now >= operation.shownAt ? operation : undefined;
    const isCanceling = shown !== undefined && now >= shown.cancelsAt;
    return {
        resourceUID: uid,
        eTag: String(operation !== undefined && shown === undefined ? changes - 1 : changes),
        provisioningState: isCanceling ? "Canceling" : (shown ?? cluster).state,
        powerState: { code: stopped ? "Stopped" : "Running" },
    };
}

/** When what is under way will be over, and the credentials and all replicas are those of the API server. */
export function settledAt({ operation, reconcile, cas }: Cluster<unknown>, now: number): number {
    const plan = operation?.plan ?? reconcile?.plan;
    const restSeconds = Math.max(0, plan?.credentialsLagSeconds ?? 0, plan?.replicasSeconds ?? 0);
    const { afterSeconds = 0, seconds = 0 } = plan?.reconciles ?? {};
    const endsAt = reconcile === undefined ? (operation?.endsAt ?? now) : reconcile.at + reconcile.plan.seconds * 1000;
    return Math.max(
        cas.credentialsAt,
        cas.replicasAt(now),
        endsAt + (plan === undefined ? 0 : restSeconds + afterSeconds + seconds) * 1000,
    );
}
