import { type OtherOperation, otherOperations, type RotationPlan, smoothRotation } from "./operations";
import type { Story } from "./story";
import { AzureUnavailable } from "./up-failed";

/** What becomes of a request to rotate. `late`: it is not answered, and reaches Azure only after `lateMs`. */
export type Delivery = "answered" | "answerLost" | "answerTimesOut" | "requestLost" | "late" | "throttled";

/** What comes of a request to rotate. */
export interface Posted {
    answer: "accepted" | "busy" | "none" | "refused";
    /** When the answer comes, or it is clear that none does; infinity where nobody ever hears. */
    afterMs: number;
    waitSeconds?: number;
}

const answerMs = 200;

/** How late a late request is: less than what the rotator allows for one without an answer. */
export const lateMs = 25_000;

/** For how long a rotation is shown before it changes the CA, at least: longer than a look takes. */
const shownBeforeMs = 1000;

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
}

interface Operation<Context> {
    state: string;
    shownAt: number;
    switchesCaAt: number;
    endsAt: number;
    /** From when on it is being canceled. */
    cancelsAt: number;
    outcome: RotationPlan["outcome"];
    rotation: Rotation<Context> | undefined;
    plan: RotationPlan | undefined;
    /** What becomes of the cluster when it succeeds. */
    brings: "delete" | "stop" | "start" | undefined;
}

interface Cluster<Context> {
    uid: string;
    /** The CA that the API server's certificate is of. */
    ca: number;
    /** The CA that the credentials API serves until `credentialsAt`. */
    oldCa: number;
    credentialsAt: number;
    state: RotationPlan["outcome"];
    stopped: boolean;
    changes: number;
    operation: Operation<Context> | undefined;
}

/** One managed cluster and the Azure round it, on a clock of its own. `Context` is why we start a rotation. */
export class World<Context> {
    /** Milliseconds. */
    now = 0;
    cluster: Cluster<Context> | undefined;
    readonly rotations: Rotation<Context>[] = [];
    /** How our next rotations go, in this order; then smoothly. */
    readonly plans: RotationPlan[] = [];
    /** What becomes of our next requests to rotate, in this order; then they are answered. */
    readonly deliveries: Delivery[] = [];
    azureDownUntil = 0;
    /** Until then Azure answers no request; one that still waits then is answered. */
    azureHangsUntil = 0;
    serverDownUntil = 0;
    private uids = 0;
    private cas = 0;
    private late: { at: number; context: Context }[] = [];

    constructor(
        private readonly story: Story | undefined,
        private readonly onStart: (rotation: Rotation<Context>) => void,
    ) {
        this.cluster = this.newCluster();
    }

    /** Lets time pass, and happen what is due. */
    advance(to: number): void {
        for (;;) {
            const operation = this.cluster?.operation;
            const switchesAt = operation?.switchesCaAt ?? Number.POSITIVE_INFINITY;
            const endsAt = operation?.endsAt ?? Number.POSITIVE_INFINITY;
            const lateAt = this.late[0]?.at ?? Number.POSITIVE_INFINITY;
            const next = Math.min(switchesAt, endsAt, lateAt);
            if (next > to) {
                this.now = to;
                return;
            }
            this.now = next;
            if (operation !== undefined && next === switchesAt) {
                this.switchCa(operation);
            } else if (operation !== undefined && next === endsAt) {
                this.end(operation, operation.outcome);
            } else {
                const arrived = this.late.shift();
                if (arrived !== undefined) {
                    const answer = this.receive(arrived.context, true, true);
                    this.story?.tell(`the late request arrives: ${answer}`);
                }
            }
        }
    }

    /** What Resource Manager answers; undefined when there is no such cluster. */
    look() {
        this.assertAzure();
        const { cluster } = this;
        if (cluster === undefined) {
            return undefined;
        }
        const { operation } = cluster;
        const shown = operation !== undefined && this.now >= operation.shownAt ? operation : undefined;
        const isCanceling = shown !== undefined && this.now >= shown.cancelsAt;
        return {
            resourceUID: cluster.uid,
            eTag: String(operation !== undefined && shown === undefined ? cluster.changes - 1 : cluster.changes),
            provisioningState: isCanceling ? "Canceling" : (shown ?? cluster).state,
            stopped: cluster.stopped,
        };
    }

    /** The CA of the credentials that Azure hands out; undefined when there is no such cluster. */
    credentials(): number | undefined {
        this.assertAzure();
        const { cluster } = this;
        return cluster && (this.now < cluster.credentialsAt ? cluster.oldCa : cluster.ca);
    }

    /** Whether the credentials API does not serve the CA that the API server has. */
    get lags(): boolean {
        return (
            this.cluster !== undefined &&
            this.cluster.oldCa !== this.cluster.ca &&
            this.now < this.cluster.credentialsAt
        );
    }

    /** The CA of the API server's certificate; undefined when it cannot be reached. */
    serverCa(): number | undefined {
        const { cluster } = this;
        const down =
            cluster === undefined ||
            cluster.stopped ||
            this.now < this.serverDownUntil ||
            cluster.operation?.state === "Creating";
        return down ? undefined : cluster.ca;
    }

    /** Our request to rotate: what becomes of it now, and how long the answer, or its failing to come, takes. */
    post(context: Context, withinMs: number): Posted {
        const delivery = this.deliveries.shift() ?? "answered";
        const hangsMs = Math.max(answerMs, this.azureHangsUntil - this.now);
        if (delivery === "throttled") {
            return { answer: "busy", afterMs: hangsMs, waitSeconds: 20 };
        }
        if (delivery === "requestLost" || delivery === "late") {
            if (delivery === "late") {
                this.late.push({ at: this.now + lateMs, context });
            }
            this.story?.tell(delivery === "late" ? "POST sent, is late" : "POST lost on its way");
            return { answer: "none", afterMs: answerMs };
        }
        const afterMs = delivery === "answerTimesOut" ? Number.POSITIVE_INFINITY : hangsMs;
        const isLost = delivery !== "answered" || afterMs > withinMs;
        const received = this.receive(context, isLost);
        this.story?.tell(`POST ${received}${isLost ? ", but its answer is lost" : ""}`);
        return { answer: isLost ? "none" : received, afterMs };
    }

    /** The process that sent them is gone; what has not left its machine never does. */
    dropLateRequests(isOfIt: (context: Context) => boolean): void {
        this.late = this.late.filter(({ context }) => !isOfIt(context));
    }

    /** The second actor rotates. */
    theyRotate(plan: RotationPlan): void {
        if (this.theyMay()) {
            this.beginRotation("them", plan, undefined);
        }
    }

    /** The second actor does something else. */
    theyDo(what: OtherOperation, seconds: number, outcome: RotationPlan["outcome"]): void {
        if (what === "create") {
            if (this.cluster === undefined) {
                this.cluster = this.newCluster();
                this.begin("Creating", seconds, "Succeeded");
            } else {
                this.story?.tell("there is one");
            }
        } else if (this.theyMay()) {
            const operation = this.begin(otherOperations[what], seconds, what === "delete" ? "Succeeded" : outcome);
            operation.brings = what === "delete" || what === "stop" || what === "start" ? what : undefined;
        }
    }

    /** The second actor cancels what is under way; until that is done, it goes on. */
    theyCancel(seconds: number): void {
        const operation = this.cluster?.operation;
        if (operation === undefined || operation.brings === "delete" || operation.cancelsAt <= this.now) {
            this.story?.tell("nothing to cancel");
            return;
        }
        operation.shownAt = this.now;
        operation.endsAt = Math.min(operation.endsAt, this.now + seconds * 1000);
        operation.cancelsAt = this.now;
        operation.outcome = "Canceled";
    }

    /** From now on nothing goes wrong, and nobody else does anything; when what is under way will be over. */
    becomeQuiet(): number {
        this.plans.length = 0;
        this.deliveries.length = 0;
        this.azureDownUntil = 0;
        this.azureHangsUntil = 0;
        this.serverDownUntil = 0;
        return Math.max(this.late.at(-1)?.at ?? 0, this.settledAt());
    }

    /** When the operation under way, if any, will be over, and the credentials those of the API server. */
    settledAt(): number {
        const { cluster } = this;
        const operation = cluster?.operation;
        const lag = operation?.plan?.credentialsLagSeconds ?? 0;
        return Math.max(this.now, cluster?.credentialsAt ?? 0, (operation?.endsAt ?? 0) + Math.max(0, lag) * 1000);
    }

    private assertAzure(): void {
        if (this.now < this.azureDownUntil) {
            throw new AzureUnavailable();
        }
    }

    private theyMay(): boolean {
        const busy = this.cluster?.operation !== undefined;
        if (busy || this.cluster === undefined) {
            this.story?.tell(busy ? "409, something is under way" : "404, there is no cluster");
            return false;
        }
        return true;
    }

    private receive(context: Context, isLost: boolean, wasLate = false): "accepted" | "busy" | "refused" {
        if (this.cluster === undefined) {
            return "refused";
        }
        if (this.cluster.operation !== undefined) {
            return "busy";
        }
        const rotation = this.beginRotation("us", this.plans.shift() ?? smoothRotation, context);
        rotation.answered = !isLost;
        rotation.wasLate = wasLate;
        this.onStart(rotation);
        return "accepted";
    }

    private beginRotation(by: "us" | "them", plan: RotationPlan, context: Context | undefined): Rotation<Context> {
        const rotation: Rotation<Context> = {
            number: this.rotations.length + 1,
            by,
            uid: this.cluster?.uid ?? "",
            acceptedAt: this.now,
            shownAt: this.now + plan.stateLagSeconds * 1000,
            endedAt: undefined,
            outcome: undefined,
            changedAt: undefined,
            answered: false,
            wasLate: false,
            context,
        };
        this.rotations.push(rotation);
        const operation = this.begin("RotatingClusterCertificates", plan.seconds, plan.outcome, plan.cancelingSeconds);
        operation.rotation = rotation;
        operation.plan = plan;
        operation.shownAt = rotation.shownAt;
        if (plan.changesCa) {
            operation.switchesCaAt = Math.max(this.now + plan.seconds * 500, operation.shownAt + shownBeforeMs);
        }
        return rotation;
    }

    private begin(
        state: string,
        seconds: number,
        outcome: RotationPlan["outcome"],
        cancelingSeconds = smoothRotation.cancelingSeconds,
    ): Operation<Context> {
        const endsAt = this.now + seconds * 1000;
        const operation: Operation<Context> = {
            state,
            shownAt: this.now,
            switchesCaAt: Number.POSITIVE_INFINITY,
            endsAt,
            cancelsAt: outcome === "Canceled" ? endsAt - cancelingSeconds * 1000 : Number.POSITIVE_INFINITY,
            outcome,
            rotation: undefined,
            plan: undefined,
            brings: undefined,
        };
        const { cluster } = this;
        if (cluster !== undefined) {
            cluster.operation = operation;
            cluster.changes++;
        }
        return operation;
    }

    private switchCa(operation: Operation<Context>): void {
        const { cluster } = this;
        operation.switchesCaAt = Number.POSITIVE_INFINITY;
        if (cluster === undefined || operation.rotation === undefined || operation.plan === undefined) {
            return;
        }
        const { credentialsLagSeconds } = operation.plan;
        cluster.oldCa = this.now < cluster.credentialsAt ? cluster.oldCa : cluster.ca;
        cluster.ca = ++this.cas;
        cluster.credentialsAt = credentialsLagSeconds < 0 ? this.now : operation.endsAt + credentialsLagSeconds * 1000;
        operation.rotation.changedAt = this.now;
    }

    private end(operation: Operation<Context>, outcome: RotationPlan["outcome"]): void {
        const { cluster } = this;
        if (cluster === undefined) {
            return;
        }
        cluster.operation = undefined;
        cluster.changes++;
        cluster.state = outcome;
        const { rotation } = operation;
        if (rotation !== undefined) {
            rotation.endedAt = this.now;
            rotation.outcome = outcome;
            this.story?.tell(
                `${rotation.by === "us" ? "our" : "their"} rotation ends ${outcome} (CA ${cluster.ca}` +
                    `${this.lags ? `, the credentials still CA ${cluster.oldCa}` : ""})`,
            );
        } else {
            this.story?.tell(`${operation.state} ends ${outcome}`);
        }
        if (outcome === "Succeeded" && operation.brings !== undefined) {
            if (operation.brings === "delete") {
                this.cluster = undefined;
            } else {
                cluster.stopped = operation.brings === "stop";
            }
        }
    }

    private newCluster(): Cluster<Context> {
        this.uids++;
        return {
            uid: `cluster ${this.uids}`,
            ca: this.uids === 1 ? 0 : ++this.cas,
            oldCa: this.cas,
            credentialsAt: 0,
            state: "Succeeded",
            stopped: false,
            changes: 1,
            operation: undefined,
        };
    }
}
