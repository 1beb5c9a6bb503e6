import fc from "fast-check";
import type { Delivery, NoAnswer } from "./azure-answers";
import { OPERATION_ERRORS } from "./operation-errors";
import { type OtherOperation, otherOperations, type RotationPlan, smoothRotation } from "./operations";
import { points } from "./points";
import { EVENTS, type NewEvent } from "./switches";

/** An `up`, with what the user changed before it and what befalls the engine. */
export interface Up {
    event: "up";
    /** By how much the generation is raised. */
    raise: number;
    verify: "required" | "bestEffort" | "off";
    settleTimeoutSeconds: number;
    timeoutSeconds: number;
    credentials: "user" | "admin";
    targeted: boolean;
    /** Where the engine dies, if it gets there. */
    dies: (typeof points)[number] | undefined;
    /** For how long what it runs then goes on without it. */
    orphanMs: number;
    /** Whether the next events happen while it runs. */
    meanwhile: boolean;
}

/** One thing that happens, or that is going to. */
export type HistoryEvent =
    | Up
    | { event: "time passes"; seconds: number }
    | { event: "the engine is killed"; orphanMs: number }
    | { event: "our next rotation"; plan: RotationPlan; times: number }
    | { event: "our next POST"; delivery: Exclude<Delivery, "answered"> }
    | { event: "they rotate"; plan: RotationPlan }
    | { event: "they"; what: OtherOperation; seconds: number; outcome: RotationPlan["outcome"] }
    | { event: "they cancel"; seconds: number; preempts?: boolean }
    | { event: "Azure is down"; seconds: number }
    | { event: "Azure hangs"; seconds: number }
    | { event: "the API server is unreachable"; seconds: number }
    | { event: "something answers in Azure's place"; seconds: number; noAnswer: NoAnswer }
    | { event: "Azure hides the resourceUID"; seconds: number }
    | { event: "the CA bundle"; change: "grows" | "shrinks"; touches: boolean }
    | StateEvent;

/** What happens to the Pulumi state while no `up` runs. */
export interface StateEvent {
    event:
        | "the record is lost from the state"
        | "the record's output is emptied"
        | "the state is that of 0.1.0"
        | "the stack is destroyed";
}

/** A history begins with a cluster; most with one that is adopted already. */
export interface History {
    adopted: boolean;
    /** From when on the cluster is shown with its `resourceUID`. Default: from the beginning. */
    uidAppearsAfterSeconds?: number;
    events: HistoryEvent[];
}

const outcome = fc.constantFrom<RotationPlan["outcome"][]>("Succeeded", "Succeeded", "Failed", "Canceled");

const replicaOrder = fc.oneof(fc.constantFrom(0, -1), fc.nat(1000));

/** What AKS does after Failed. */
const reconciliation = fc.record({
    afterSeconds: fc.constantFrom(1, 5, 30, 59),
    seconds: fc.constantFrom(0, 20, 300),
    changesCa: fc.boolean(),
});

/** Codes that follow from how a rotation ends; none is as likely as all others. */
const codes = {
    Succeeded: [undefined],
    Canceled: [undefined, "Canceled", ...OPERATION_ERRORS.preempted],
    Failed: [undefined, ...OPERATION_ERRORS.lasting, ...OPERATION_ERRORS.capacity, ...OPERATION_ERRORS.other],
} as const;

/**
 * A state lag that is longer than what the rotator allows for, too: but a rotation is shown before it ends.
 *
 * @param has whether the histories have a kind of events
 */
function plans(has: (event: NewEvent) => boolean): fc.Arbitrary<RotationPlan> {
    return fc
        .record({
            outcome,
            changesCa: fc.constantFrom(true, true, true, false),
            seconds: fc.constantFrom(60, 10, 300, 1500),
            cancelingSeconds: fc.constantFrom(5, 0),
            stateLagSeconds: fc.constantFrom(0, 0, 0, 3, 8, 9.9, 20),
            credentialsLagSeconds: fc.constantFrom(0, 0, 30, 300, 1000, -1),
            replicasSeconds: has("replicas") ? fc.constantFrom(0, 5, 20, 60) : fc.constant(0),
            replicaOrder: has("replicas") ? replicaOrder : fc.constant(0),
            keepsOldCa: has("bundles") ? fc.constantFrom(false, false, true) : fc.constant(false),
            codeNumber: has("operationErrors") ? fc.nat(11) : fc.constant(0),
            reconciles: has("reconciles") ? fc.option(reconciliation, { nil: undefined }) : fc.constant(undefined),
        })
        .map(({ codeNumber, ...made }) => ({
            ...made,
            stateLagSeconds: Math.min(made.stateLagSeconds, made.seconds * 0.8),
            code: codes[made.outcome][codeNumber % codes[made.outcome].length],
        }));
}

/** Rotations that bring no new CA and do not succeed, each for a reason of its own. */
function failingPlans(has: (event: NewEvent) => boolean): fc.Arbitrary<RotationPlan> {
    return fc
        .tuple(plans(has), fc.constantFrom("Failed", "Failed", "Canceled"), fc.nat(11))
        .map(([plan, end, code]) => ({
            ...plan,
            outcome: end,
            changesCa: false,
            code: has("operationErrors") ? codes[end][code % codes[end].length] : undefined,
        }));
}

/** An `up` in which nothing special happens. */
export const plainUp: Up = {
    event: "up",
    raise: 0,
    verify: "required",
    settleTimeoutSeconds: 600,
    timeoutSeconds: 3600,
    credentials: "user",
    targeted: false,
    dies: undefined,
    orphanMs: 0,
    meanwhile: false,
};

/** Short as against what a POST needs to leave the machine, and up to twice of what the rotator's watch of its parent takes. */
const orphanMs = fc.constantFrom(0, 500, 1000, 200, 10, 2);

const up: fc.Arbitrary<Up> = fc.record({
    event: fc.constant("up"),
    raise: fc.constantFrom(0, 1, 1, 1, 2, -1, -2),
    verify: fc.constantFrom("required", "required", "bestEffort", "off"),
    settleTimeoutSeconds: fc.constantFrom(600, 600, 60, 5),
    timeoutSeconds: fc.constantFrom(3600, 3600, 3600, 30),
    credentials: fc.constantFrom("user", "user", "user", "admin"),
    targeted: fc.constantFrom(false, false, false, false, false, false, true),
    dies: fc.oneof(fc.constant(undefined), fc.constantFrom(...points)),
    orphanMs,
    meanwhile: fc.boolean(),
});

const others = Object.keys(otherOperations) as OtherOperation[];

/** Histories of up to a dozen events, or so, with the given kinds of new events. */
export function histories(kinds: readonly NewEvent[] = EVENTS): fc.Arbitrary<History> {
    const has = (kind: NewEvent) => kinds.includes(kind);
    const plan = plans(has);
    const event: fc.Arbitrary<HistoryEvent> = fc.oneof(
        { weight: 8, arbitrary: up },
        {
            weight: 5,
            arbitrary: fc.record({
                event: fc.constant("time passes"),
                seconds: fc.constantFrom(1, 5, 20, 60, 300, 1500),
            }),
        },
        { weight: 2, arbitrary: fc.record({ event: fc.constant("the engine is killed"), orphanMs }) },
        {
            weight: 4,
            arbitrary: fc.record({ event: fc.constant("our next rotation"), plan, times: fc.constantFrom(1, 1, 1, 3) }),
        },
        {
            weight: 2,
            arbitrary: fc.record({
                event: fc.constant("our next POST"),
                delivery: fc.constantFrom(
                    "answerLost",
                    "answerTimesOut",
                    "requestLost",
                    "late",
                    "veryLate",
                    "throttled",
                    ...(has("emptyAnswers") ? (["answerReplaced"] as const) : []),
                ),
            }),
        },
        { weight: 2, arbitrary: fc.record({ event: fc.constant("they rotate"), plan }) },
        {
            weight: 3,
            arbitrary: fc.record({
                event: fc.constant("they"),
                what: fc.oneof(
                    fc.constantFrom("upgrade", "stop", "delete", "create", "reconcileCertificates"),
                    fc.constantFrom(...others),
                ),
                seconds: fc.constantFrom(20, 5, 120, 600),
                outcome,
            }),
        },
        {
            weight: 1,
            arbitrary: fc.record({
                event: fc.constant("they cancel"),
                seconds: fc.constantFrom(5, 1, 20),
                preempts: has("operationErrors") ? fc.boolean() : fc.constant(false),
            }),
        },
        {
            weight: 2,
            arbitrary: fc.record({
                event: fc.constantFrom("Azure is down", "Azure hangs"),
                seconds: fc.constantFrom(5, 60, 600),
            }),
        },
        {
            weight: 2,
            arbitrary: fc.record({
                event: fc.constant("the API server is unreachable"),
                seconds: fc.constantFrom(30, 300, 5000),
            }),
        },
        {
            weight: 1,
            arbitrary: fc.record({
                event: fc.constantFrom("the record is lost from the state", "the stack is destroyed"),
            }),
        },
        ...newEvents(has),
    );
    return fc.record({
        adopted: fc.constantFrom(true, true, true, false),
        uidAppearsAfterSeconds: has("uids") ? fc.constantFrom(0, 0, 0, 60, 5000) : fc.constant(0),
        events: fc.array(event, { minLength: 1, maxLength: 14, size: "max" }),
    });
}

/** The new events that are events of their own. */
function newEvents(has: (kind: NewEvent) => boolean): fc.WeightedArbitrary<HistoryEvent>[] {
    const failing: fc.Arbitrary<HistoryEvent> = fc.record({
        event: fc.constant("our next rotation"),
        plan: failingPlans(has),
        times: fc.constantFrom(1, 1, 2, 3),
    });
    const replicas = fc.record({
        replicasSeconds: fc.constantFrom(20, 60),
        replicaOrder,
        credentialsLagSeconds: fc.constantFrom(0, 300),
    });
    const unevenPlan = replicas.map((uneven) => ({ ...smoothRotation, ...uneven }));
    const all: [NewEvent, number, fc.Arbitrary<HistoryEvent>][] = [
        ["replicas", 3, unevenPlan.map((plan) => ({ event: "our next rotation", plan, times: 1 }))],
        ["replicas", 1, unevenPlan.map((plan) => ({ event: "they rotate", plan }))],
        ["operationErrors", 3, failing],
        ["reconciles", 3, failing],
        [
            "emptyAnswers",
            2,
            fc.record({
                event: fc.constant("something answers in Azure's place"),
                seconds: fc.constantFrom(1, 5, 60, 600),
                noAnswer: fc.constantFrom("nothing", "object", "page"),
            }),
        ],
        [
            "uids",
            2,
            fc.record({
                event: fc.constant("Azure hides the resourceUID"),
                seconds: fc.constantFrom(1, 20, 300, 5000),
            }),
        ],
        ["uids", 1, fc.record({ event: fc.constant("the state is that of 0.1.0") })],
        [
            "bundles",
            3,
            fc.record({
                event: fc.constant("the CA bundle"),
                change: fc.constantFrom("grows", "grows", "shrinks"),
                touches: fc.boolean(),
            }),
        ],
        ["lostRecords", 1, fc.record({ event: fc.constant("the record's output is emptied") })],
    ];
    return all.filter(([kind]) => has(kind)).map(([, weight, arbitrary]) => ({ weight, arbitrary }));
}
