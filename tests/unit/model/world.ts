import type { Delivery, NoAnswer, Posted, ShownCluster } from "./azure-answers";
import { errorClass } from "./operation-errors";
import { type OtherOperation, otherOperations, type RotationPlan, smoothRotation } from "./operations";
import { SimulatedCa } from "./simulated-ca";
import {
    type Cluster,
    newOperation,
    newRotation,
    type Operation,
    type Rotation,
    settledAt,
    showCluster,
} from "./simulated-operation";
import type { Story } from "./story";
import { AzureUnavailable } from "./up-failed";

const answerMs = 200;

/** How late a late request is: less than what the rotator allows for one without an answer. */
const lateMs = { late: 25_000, veryLate: 29_900 };

/** For how long a rotation is shown before it changes the CA, at least: longer than a look takes. */
const shownBeforeMs = 1000;

/** One managed cluster and the Azure round it, on a clock of its own. `Context` is why we start a rotation. */
export class World<Context> {
    /** Milliseconds. */
    now = 0;
    /** A rotation has failed for lack of capacity, also one that AKS has brought to its end by itself since. */
    hasLackedCapacity = false;
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
    /** Until then the cluster is shown without its `resourceUID`. */
    uidHiddenUntil = 0;
    /** Until then every request is answered by something else in Azure's place. */
    replacedUntil = 0;
    noAnswer: NoAnswer = "nothing";
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
            const reconcile = this.cluster?.reconcile;
            const reconcilesAt = reconcile?.at ?? Number.POSITIVE_INFINITY;
            const lateAt = this.late[0]?.at ?? Number.POSITIVE_INFINITY;
            const next = Math.min(switchesAt, endsAt, lateAt, reconcilesAt);
            if (next > to) {
                this.now = to;
                return;
            }
            this.now = next;
            if (operation !== undefined && next === switchesAt) {
                this.switchCa(operation);
            } else if (operation !== undefined && next === endsAt) {
                this.end(operation, operation.outcome);
            } else if (reconcile !== undefined && next === reconcilesAt) {
                this.reconcile(reconcile.rotation, reconcile.plan);
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
    look(): ShownCluster | NoAnswer | undefined {
        this.assertAzure();
        if (this.isReplaced) {
            return this.noAnswer;
        }
        const { cluster } = this;
        if (cluster === undefined) {
            return undefined;
        }
        const { resourceUID, ...shown } = showCluster(cluster, this.now);
        return this.showsUid ? { resourceUID, ...shown } : shown;
    }

    /** The CAs of the credentials that Azure hands out; undefined when there is no such cluster. */
    credentials(): readonly number[] | NoAnswer | undefined {
        this.assertAzure();
        return this.isReplaced ? this.noAnswer : this.cluster?.cas.served(this.now);
    }

    /** The code of the error of a rotation's operation; "none" where it has none. */
    operationError(number: number): string {
        this.assertAzure();
        return this.isReplaced ? this.noAnswer : (this.rotations[number - 1]?.code ?? "none");
    }

    /** Whether the cluster is shown with its `resourceUID`. */
    get showsUid(): boolean {
        return this.now >= this.uidHiddenUntil;
    }

    /** Whether the credentials API does not serve the CA that the API server has. */
    get lags(): boolean {
        return this.cluster?.cas.lags(this.now) ?? false;
    }

    /** One new connection to the API server: the CA that signed its certificate; undefined when it cannot be reached. */
    handshake(): number | undefined {
        const { cluster } = this;
        const down =
            cluster === undefined ||
            cluster.stopped ||
            this.now < this.serverDownUntil ||
            cluster.operation?.state === "Creating";
        return down ? undefined : cluster.cas.handshake(this.now);
    }

    /** Our request to rotate: what becomes of it now, and how long the answer, or its failing to come, takes. */
    post(context: Context, withinMs: number): Posted {
        const delivery = this.deliveries.shift() ?? "answered";
        const hangsMs = Math.max(answerMs, this.azureHangsUntil - this.now);
        if (delivery === "throttled") {
            return { answer: "busy", afterMs: hangsMs, waitSeconds: 20 };
        }
        if (this.isReplaced) {
            this.story?.tell("POST answered by something else in Azure's place");
            return { answer: this.noAnswer, afterMs: hangsMs };
        }
        if (delivery === "requestLost" || delivery === "late" || delivery === "veryLate") {
            if (delivery !== "requestLost") {
                this.late.push({ at: this.now + lateMs[delivery], context });
                this.late.sort((one, other) => one.at - other.at);
            }
            this.story?.tell(delivery === "requestLost" ? "POST lost on its way" : "POST sent, is late");
            return { answer: "none", afterMs: answerMs };
        }
        const afterMs = delivery === "answerTimesOut" ? Number.POSITIVE_INFINITY : hangsMs;
        const isLost = delivery !== "answered" || afterMs > withinMs;
        const before = this.rotations.length;
        const received = this.receive(context, isLost);
        this.story?.tell(`POST ${received}${isLost ? ", but its answer is lost" : ""}`);
        if (isLost) {
            return { answer: delivery === "answerReplaced" && afterMs <= withinMs ? "page" : "none", afterMs };
        }
        return { answer: received, afterMs, operation: received === "accepted" ? before + 1 : undefined };
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

    /** The bundle of the cluster's CAs grows or shrinks, without a rotation; the eTag can change with it. */
    changeBundle(change: "grows" | "shrinks", touches: boolean): void {
        const { cluster } = this;
        if (cluster === undefined) {
            return;
        }
        if (change === "grows") {
            cluster.cas.grow(++this.cas);
        } else {
            cluster.cas.shrink();
        }
        cluster.changes += touches ? 1 : 0;
    }

    /**
     * What is under way is canceled; until that is done, it goes on.
     *
     * @param code of the operation's error: who canceled it
     */
    cancel(seconds: number, code: string | undefined): void {
        const operation = this.cluster?.operation;
        if (operation === undefined || operation.brings === "delete" || operation.cancelsAt <= this.now) {
            this.story?.tell("nothing to cancel");
            return;
        }
        operation.shownAt = this.now;
        operation.endsAt = Math.min(operation.endsAt, this.now + seconds * 1000);
        operation.cancelsAt = this.now;
        operation.outcome = "Canceled";
        operation.code = code;
    }

    /** From now on nothing goes wrong, and nobody else does anything; when what is under way will be over. */
    becomeQuiet(): number {
        this.plans.length = 0;
        this.deliveries.length = 0;
        this.azureDownUntil = 0;
        this.azureHangsUntil = 0;
        this.serverDownUntil = 0;
        this.uidHiddenUntil = 0;
        this.replacedUntil = 0;
        return Math.max(this.late.at(-1)?.at ?? 0, this.settledAt());
    }

    /** When the operation under way, if any, will be over, and the credentials and all replicas those of the API server. */
    settledAt(): number {
        return this.cluster === undefined ? this.now : settledAt(this.cluster, this.now);
    }

    private get isReplaced(): boolean {
        return this.now < this.replacedUntil;
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
        const number = this.rotations.length + 1;
        const rotation = newRotation(number, by, this.cluster?.uid ?? "", this.now, plan, context);
        this.rotations.push(rotation);
        const operation = this.begin("RotatingClusterCertificates", plan.seconds, plan.outcome, plan.cancelingSeconds);
        operation.rotation = rotation;
        operation.plan = plan;
        operation.code = plan.code;
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
        const operation = newOperation<Context>(this.now, state, seconds, outcome, cancelingSeconds);
        const { cluster } = this;
        if (cluster !== undefined) {
            cluster.operation = operation;
            if (cluster.reconcile !== undefined) {
                cluster.reconcile.rotation.reconcilesAt = undefined;
                cluster.reconcile = undefined;
            }
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
        const { credentialsLagSeconds, replicasSeconds, replicaOrder, keepsOldCa } = operation.plan;
        cluster.cas.rotate(this.now, {
            signer: ++this.cas,
            keepsOld: keepsOldCa,
            credentialsAt: credentialsLagSeconds < 0 ? this.now : operation.endsAt + credentialsLagSeconds * 1000,
            replicasMs: replicasSeconds * 1000,
            replicaOrder,
        });
        operation.rotation.changedAt = this.now;
    }

    /** AKS brings a rotation that ended Failed to its end by itself. */
    private reconcile(rotation: Rotation<Context>, plan: RotationPlan): void {
        this.story?.tell("AKS reconciles it");
        const operation = this.begin("ReconcilingClusterCertificates", plan.seconds, "Succeeded");
        operation.rotation = rotation;
        operation.plan = plan;
        rotation.reconciled = true;
        rotation.outcome = undefined;
        rotation.endedAt = undefined;
        rotation.code = undefined;
        if (plan.changesCa && rotation.changedAt === undefined) {
            operation.switchesCaAt = this.now + plan.seconds * 500;
        }
    }

    private end(operation: Operation<Context>, outcome: RotationPlan["outcome"]): void {
        const { cluster } = this;
        if (cluster === undefined) {
            return;
        }
        cluster.operation = undefined;
        cluster.changes++;
        cluster.state = outcome;
        cluster.cas.settle(this.now);
        const { rotation, plan } = operation;
        cluster.ended = rotation;
        if (rotation !== undefined) {
            rotation.endedAt = this.now;
            rotation.outcome = outcome;
            rotation.code = outcome === "Succeeded" ? undefined : operation.code;
            this.hasLackedCapacity ||= errorClass(rotation.code) === "capacity";
            const code = rotation.code === undefined ? "" : ` (${rotation.code})`;
            this.story?.tell(
                `${rotation.by === "us" ? "our" : "their"} rotation ends ${outcome}${code} (CA ${cluster.cas.signer}` +
                    `${this.lags ? `, the credentials still CA ${cluster.cas.served(this.now).join(", ")}` : ""})`,
            );
            if (outcome === "Failed" && plan?.reconciles !== undefined) {
                const { afterSeconds, seconds, changesCa } = plan.reconciles;
                rotation.reconcilesAt = this.now + afterSeconds * 1000;
                const ofIt = { ...plan, seconds, changesCa, reconciles: undefined };
                cluster.reconcile = { at: rotation.reconcilesAt, rotation, plan: ofIt };
            }
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
            cas: new SimulatedCa(this.uids === 1 ? 0 : ++this.cas),
            state: "Succeeded",
            stopped: false,
            changes: 1,
            operation: undefined,
            ended: undefined,
            reconcile: undefined,
        };
    }
}
