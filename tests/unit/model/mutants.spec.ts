import assert from "node:assert/strict";
import type { Situation, Step } from "../../../rotator/decide";
import { type Brain, realBrain } from "./brain";
import { search } from "./check";
import type { Promised } from "./promises";

const { decide, afterLook, afterStart } = realBrain;

/** The decision, of a situation that was tampered with. */
const deciding = (tamper: (situation: Situation) => Partial<Situation>): Partial<Brain> => ({
    decide: (situation) => decide({ ...situation, ...tamper(situation) }),
});

/** The decision, tampered with. */
const decided = (tamper: (step: Step, situation: Situation) => Step): Partial<Brain> => ({
    decide: (situation) => tamper(decide(situation), situation),
});

/** A cluster of which `tamper` changes what was seen. */
const seeing = (tamper: (cluster: Extract<Situation["cluster"], { found: true }>) => object): Partial<Brain> =>
    deciding(({ cluster }) => ({ cluster: cluster.found ? { ...cluster, ...tamper(cluster) } : cluster }));

/** Rotators with a fault, and the promise that each must be seen to break. */
const mutants: { fault: string; brain: Partial<Brain>; breaks: Promised[]; unless?: "alone" }[] = [
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
        brain: { afterStart: (run, answer, now) => (answer === "none" ? run : afterStart(run, answer, now)) },
        breaks: ["once", "idle"],
    },
    {
        fault: "does not count the rotations that were accepted",
        brain: { afterStart: (run, answer, now) => (answer === "accepted" ? run : afterStart(run, answer, now)) },
        breaks: ["once", "needed", "record", "idle"],
    },
    {
        fault: "counts no failure",
        brain: { afterLook: (...args) => ({ ...afterLook(...args), failed: 0 }) },
        breaks: ["ends", "idle", "once"],
    },
    {
        fault: "does not wait for the credentials",
        brain: deciding(({ run }) => ({ run: { ...run, settled: true } })),
        breaks: ["once", "needed"],
    },
    {
        fault: "waits for the credentials without an end",
        brain: deciding(({ run }) => ({ run: { ...run, settled: false } })),
        breaks: ["ends"],
    },
    {
        fault: "waits for the end of a rotation that has ended",
        brain: decided((step, { run }) => (run.seen && step.do === "verify" ? { do: "wait", for: "rotation" } : step)),
        breaks: ["ends"],
    },
    {
        fault: "takes an accepted request for a rotation",
        brain: decided((step, { cluster, run }) =>
            run.started > 0 && cluster.found && cluster.provisioningState === "Succeeded" ? { do: "verify" } : step,
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
        brain: decided((step) => (step.do === "stop" && step.because === "failedThrice" ? { do: "rotate" } : step)),
        breaks: ["idle"],
    },
    {
        fault: "starts again on a Failed cluster whose CA has changed",
        brain: decided((step) => (step.do === "stop" && step.because === "rotatedButFailed" ? { do: "rotate" } : step)),
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
            step.do === "keep" ? { do: "keep", record: { ...step.record, generation } } : step,
        ),
        breaks: ["record"],
    },
    {
        fault: "does not count a rotation that it saw being canceled",
        brain: {
            afterLook: (run, cluster, ...rest) => {
                const after = afterLook(run, cluster, ...rest);
                return cluster.found && cluster.provisioningState === "Canceling" ? { ...after, ours: false } : after;
            },
        },
        breaks: ["idle", "record"],
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
        unless: "alone",
    },
];

describe("a rotator with a fault", () => {
    for (const { fault, brain, breaks, unless: unlessPromised } of mutants) {
        it(`that ${fault} is found out`, function () {
            this.timeout(120_000);
            const { finding } = search(
                { brain: { ...realBrain, ...brain }, unless: unlessPromised },
                { runs: 100_000, seed: 4, unless: realBrain },
            );
            assert.ok(finding !== undefined, "no history shows it");
            assert.ok(breaks.includes(finding.promised), finding.report);
            if (process.env.SHOW) console.log(`${finding.history.events.length} events, adopted ${finding.history.adopted}\n${finding.report}`);
        });
    }
});
