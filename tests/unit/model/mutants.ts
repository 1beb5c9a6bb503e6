import { type Check, checks } from "../../../formats/record";
import type { Action, DecisionInput } from "../../../rotator/decide";
import { type Brain, realBrain } from "./brain";
import type { Promised } from "./promises";
import type { NewEvent } from "./switches";

const { decide, applyObservation, applyStartResponse } = realBrain;

/** The decision, of a situation that was tampered with. */
export const deciding = (tamper: (situation: DecisionInput) => Partial<DecisionInput>): Partial<Brain> => ({
    decide: (situation) => decide({ ...situation, ...tamper(situation) }),
});

/** The decision, tampered with. */
export const decided = (tamper: (step: Action, situation: DecisionInput) => Action): Partial<Brain> => ({
    decide: (situation) => tamper(decide(situation), situation),
});

/** A cluster of which `tamper` changes what was seen. */
export const seeing = (
    tamper: (cluster: Extract<DecisionInput["cluster"], { found: true }>) => object,
): Partial<Brain> =>
    deciding(({ cluster }) => ({ cluster: cluster.found ? { ...cluster, ...tamper(cluster) } : cluster }));

/** A rotator with a fault, and the invariants of which it must be seen to violate one. */
export interface Mutant {
    fault: string;
    brain: Partial<Brain>;
    breaks: readonly Promised[];
    /** Invariants that are not checked, so that what follows from violating them can be seen. */
    ignored?: readonly Promised[];
    /** The kinds of new events that show it. Default: none. */
    events?: readonly NewEvent[];
}

/** Rotators with a fault that the plain course of things shows. */
export const mutants: readonly Mutant[] = [
    {
        fault: "ignores what the API server shows",
        brain: {
            compareServerCa: () => ({ credentials: "match", intent: "match" }),
        },
        breaks: ["once", "needed", "rotated"],
    },
    {
        fault: "ignores that the cluster was changed, where the API server cannot be asked",
        brain: deciding(({ cluster, intent }) => ({ intent: { ...intent, eTag: cluster.found ? cluster.eTag : "" } })),
        breaks: ["once", "needed"],
    },
    {
        fault: "forgets the record",
        brain: deciding(() => ({ command: "adopt", record: undefined })),
        breaks: ["rotated", "record"],
    },
    {
        fault: "adopts where a Command that is updated has no record",
        brain: deciding(({ record, command }) => ({ command: record === undefined ? "adopt" : command })),
        breaks: ["rotated", "lost", "once"],
        events: ["lostRecords"],
    },
    {
        fault: "forgets which generation an intent has replaced",
        brain: {
            keepIntent: (previous, now) => {
                const kept = realBrain.keepIntent(previous, now);
                return kept === previous ? kept : { ...kept, earlierGeneration: undefined };
            },
        },
        breaks: ["lost", "ends"],
        events: ["lostRecords"],
    },
    {
        fault: "takes every generation for a raised one",
        brain: deciding(({ generation, intent }) => ({
            generation: generation + 9,
            intent: { ...intent, generation: intent.generation + 9 },
        })),
        breaks: ["raised", "record"],
    },
    {
        fault: "takes another cluster of the same name for the old one",
        brain: deciding(({ cluster, record, intent }) => {
            const resourceUID = cluster.found ? cluster.resourceUID : "";
            return { record: record && { ...record, resourceUID }, intent: { ...intent, resourceUID } };
        }),
        breaks: ["raised", "rotated", "record"],
    },
    {
        fault: "forgets the intent whenever its Command runs again",
        brain: { keepIntent: (_previous, now) => now },
        breaks: ["once", "needed", "lost", "ends"],
    },
    {
        fault: "keeps the first intent for ever",
        brain: { keepIntent: (previous, now) => (previous ? { ...previous, generation: now.generation } : now) },
        breaks: ["rotated", "ends", "once"],
    },
    {
        fault: "starts again at once when a request has no answer",
        brain: {
            applyStartResponse: (state, response, ...rest) =>
                response.answer === "none" ? state : applyStartResponse(state, response, ...rest),
        },
        breaks: ["once", "idle", "early"],
    },
    {
        fault: "does not count the rotations that were accepted",
        brain: {
            applyStartResponse: (state, response, ...rest) =>
                response.answer === "accepted" ? state : applyStartResponse(state, response, ...rest),
        },
        breaks: ["once", "needed", "record", "idle"],
    },
    {
        fault: "counts no failure",
        brain: { applyObservation: (...args) => ({ ...applyObservation(...args), failed: 0 }) },
        breaks: ["ends", "idle", "once"],
    },
    {
        fault: "does not wait for the credentials",
        brain: deciding(({ attempt }) => ({ attempt: { ...attempt, settleTimeoutElapsed: true } })),
        breaks: ["once", "needed"],
    },
    {
        fault: "waits for the credentials without an end",
        brain: deciding(({ attempt }) => ({ attempt: { ...attempt, settleTimeoutElapsed: false } })),
        breaks: ["ends"],
    },
    {
        fault: "waits for the end of a rotation that has ended",
        brain: decided((step, { attempt }) =>
            attempt.rotationObserved && step.do === "verify" ? { do: "wait", for: "rotation" } : step,
        ),
        breaks: ["ends"],
    },
    {
        fault: "takes an accepted request for a rotation",
        brain: decided((step, { cluster, attempt }) =>
            attempt.started > 0 && cluster.found && cluster.provisioningState === "Succeeded" ? { do: "verify" } : step,
        ),
        breaks: ["rotated", "record"],
    },
    {
        fault: "asks for a rotation whatever is under way",
        brain: decided((step) => (step.do === "wait" && step.for === "operation" ? { do: "rotate" } : step)),
        breaks: ["idle"],
    },
    {
        fault: "starts again after Failed for as long as it lasts",
        brain: decided((step) => (step.do === "fail" && step.reason === "attemptsExhausted" ? { do: "rotate" } : step)),
        breaks: ["idle"],
    },
    {
        fault: "starts again on a Failed cluster whose CA has changed, and does not watch its API server before",
        brain: {
            ...decided((action) =>
                action.do === "fail" && action.reason === "caChangedButFailed" ? { do: "rotate" } : action,
            ),
            compareServerCa: () => ({ credentials: "match", intent: "match" }),
        },
        breaks: ["veto", "once", "needed", "idle"],
    },
    {
        fault: "does not wait for the credentials of a Failed cluster",
        brain: decided((step, { cluster }) =>
            step.do === "wait" &&
            step.for === "credentials" &&
            cluster.found &&
            cluster.provisioningState !== "Succeeded"
                ? { do: "rotate" }
                : step,
        ),
        breaks: ["once", "needed"],
    },
    {
        fault: "lowers the record with the generation",
        brain: decided((step, { generation }) =>
            step.do === "noop" ? { do: "noop", record: { ...step.record, generation } } : step,
        ),
        breaks: ["record"],
    },
    {
        fault: "does not count a rotation that it saw being canceled",
        brain: {
            applyObservation: (state, look, ...rest) => {
                const after = applyObservation(state, look, ...rest);
                const { cluster } = look;
                return cluster.found && cluster.provisioningState === "Canceling"
                    ? { ...after, ownRotationInFlight: false, rotationInFlight: false }
                    : after;
            },
        },
        breaks: ["veto", "idle", "record"],
    },
    {
        fault: "says of every check that it held",
        brain: {
            conclude: (record) => ({ ...record, verified: Object.keys(checks) as Check[], notVerified: [] }),
        },
        breaks: ["record"],
    },
    {
        fault: "is silent on what it did not check",
        brain: { conclude: (record) => ({ ...record, notVerified: [] }) },
        breaks: ["record"],
    },
    {
        fault: "does not look for its engine right before it asks for a rotation",
        brain: { asks: () => true },
        breaks: ["alone"],
    },
    {
        fault: "goes on without its engine, and asks for a rotation",
        brain: { asks: () => true, outlivesMs: () => Number.POSITIVE_INFINITY },
        breaks: ["raised", "once", "needed"],
        ignored: ["alone"],
    },
];
