import assert from "node:assert/strict";
import { type Check, checks } from "../../../formats/record";
import type { Action, DecisionInput } from "../../../rotator/decide";
import { type Brain, realBrain } from "./brain";
import { type Finding, search } from "./check";
import type { HistoryEvent } from "./history";
import { type Promised, promises } from "./promises";
import { IGNORED } from "./switches";

const { decide, applyObservation, applyStartResponse } = realBrain;

/** The decision, of a situation that was tampered with. */
const deciding = (tamper: (situation: DecisionInput) => Partial<DecisionInput>): Partial<Brain> => ({
    decide: (situation) => decide({ ...situation, ...tamper(situation) }),
});

/** The decision, tampered with. */
const decided = (tamper: (step: Action, situation: DecisionInput) => Action): Partial<Brain> => ({
    decide: (situation) => tamper(decide(situation), situation),
});

/** A cluster of which `tamper` changes what was seen. */
const seeing = (tamper: (cluster: Extract<DecisionInput["cluster"], { found: true }>) => object): Partial<Brain> =>
    deciding(({ cluster }) => ({ cluster: cluster.found ? { ...cluster, ...tamper(cluster) } : cluster }));

/** Rotators with a fault, and the promise that each must be seen to break. */
const mutants: { fault: string; brain: Partial<Brain>; breaks: Promised[]; ignored?: Promised[] }[] = [
    {
        fault: "ignores what the API server shows",
        brain: seeing(({ apiServer }) => (apiServer === "anotherCa" ? { apiServer: "sameCa" } : {})),
        breaks: ["once", "needed"],
    },
    {
        fault: "ignores that the cluster was changed, where the API server cannot be asked",
        brain: deciding(({ cluster, intent }) => ({ intent: { ...intent, eTag: cluster.found ? cluster.eTag : "" } })),
        breaks: ["once", "needed"],
    },
    {
        fault: "forgets the record",
        brain: deciding(() => ({ record: undefined })),
        breaks: ["rotated", "record"],
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
        breaks: ["once", "needed"],
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
        fault: "starts again on a Failed cluster whose CA has changed",
        brain: decided((step) =>
            step.do === "fail" && step.reason === "caChangedButFailed" ? { do: "rotate" } : step,
        ),
        breaks: ["once", "needed", "idle"],
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
                    ? { ...after, ownRotationInFlight: false }
                    : after;
            },
        },
        breaks: ["idle", "record"],
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

/** How a story begins to tell of an event. */
const openings: Record<HistoryEvent["event"], RegExp> = {
    up: /^up at generation \d+/,
    "time passes": /^\d+ s pass/,
    "the engine is killed": /^the engine is killed (\(none runs\)|before|after|between|while)/,
    "our next rotation": /^our next (\d+ )?rotations?\b.* takes \d+ s/,
    "our next POST": /^our next POST: \w+/,
    "they rotate": /^somebody else's rotation takes \d+ s/,
    they: /^somebody else: \w+, \d+ s, \w+/,
    "they cancel": /^somebody cancels what is under way/,
    "Azure is down": /^Azure cannot be asked for \d+ s/,
    "Azure hangs": /^Azure answers nothing for \d+ s/,
    "the API server is unreachable": /^the API server is unreachable for \d+ s/,
    "something answers in Azure's place": /^(nothing|object|page) is answered in Azure's place for \d+ s/,
    "Azure hides the resourceUID": /^Azure hides the resourceUID for \d+ s/,
    "the CA bundle": /^the CA bundle (grows|shrinks)/,
    "the record's output is emptied": /^the record's output is emptied/,
    "the state is that of 0.1.0": /^the state is that of 0\.1\.0/,
    "the record is lost from the state": /^the record is lost/,
    "the stack is destroyed": /^the stack is destroyed/,
};

/** What is found is short, and its report tells it as it happened: a line for each event, what broke, how to see it again. */
function assertStory({ history, promised, report }: Finding): void {
    const { adopted, events } = history;
    assert.ok(events.length <= 4, `${events.length} events are no short story:\n${report}`);
    assert.ok(report.length < 4000, report);
    const told = report.split("\n");
    const seed = told.pop();
    assert.match(seed ?? "", /^Seed \d+, path "[\d:]+", shrunk \d+ times\.$/);
    const broken: string[] = [];
    for (let line = told.at(-1); line?.startsWith("Broken: ") === true; line = told.at(-1)) {
        broken.unshift(told.pop() ?? "");
        assert.match(told.pop() ?? "", /^[A-Z].*\.$/);
    }
    assert.deepEqual(
        [...new Set(broken)],
        promised.map((invariant) => `Broken: ${promises[invariant]}.`),
    );
    const expected = [...(adopted ? [/^an up adopts the cluster/] : []), ...events.map(({ event }) => openings[event])];
    for (const [i, line] of told.entries()) {
        const text = line.replace(`${i + 1}. `, "");
        assert.notEqual(text, line, `line ${i + 1} has another number:\n${report}`);
        // After its events every history becomes quiet.
        assert.match(text, expected[i] ?? /^(the world becomes quiet|an? (last )?up at generation|the user )/);
    }
    assert.ok(told.length >= expected.length, `some events are not told:\n${report}`);
}

describe("a rotator with a fault", () => {
    for (const { fault, brain, breaks, ignored = [] } of mutants) {
        it(`that ${fault} is found out`, function () {
            this.timeout(240_000);
            const { finding } = search(
                { brain: { ...realBrain, ...brain }, ignored: [...IGNORED, ...ignored] },
                { runs: 100_000, seed: 4, unless: realBrain },
            );
            assert.ok(finding !== undefined, "no history shows it");
            assert.ok(
                finding.promised.some((invariant) => breaks.includes(invariant)),
                finding.report,
            );
            assertStory(finding);
        });
    }
});
