import assert from "node:assert/strict";
import { type Brain, realBrain } from "./brain";
import { search } from "./check";
import { type History, plainUp } from "./history";
import { smoothRotation } from "./operations";
import { play } from "./play";
import { provisioningStates } from "./provisioning-states";

/** The same histories in every run, unless the environment says otherwise: a failure prints the seed it needs. */
const seed = Number(process.env.MODEL_SEED ?? 4);
const runs = Number(process.env.MODEL_RUNS ?? 20_000);

describe("the rotator in a model of its world", () => {
    it(`keeps every promise in ${runs} histories (MODEL_RUNS, MODEL_SEED), and meets every provisioning state`, function () {
        this.timeout(60_000 + runs * 5);
        const seen = new Set<string>();
        const watching: Brain = {
            ...realBrain,
            decide: (situation) => {
                seen.add(situation.cluster.found ? situation.cluster.provisioningState : "none");
                return realBrain.decide(situation);
            },
        };
        const { histories, starts, successes, finding } = search({ brain: watching }, { runs, seed });
        assert.ok(finding === undefined, `\n${finding?.report}`);
        assert.equal(histories, runs);
        assert.ok(starts > runs && successes > 2 * runs, "the histories hardly rotate anything: they show nothing");
        if (runs >= 20_000) {
            assert.deepEqual([...seen].sort(), ["none", ...Object.values(provisioningStates).flat()].sort());
        }
    });

    it("rotates once for each of two raised generations, when nothing goes wrong", () => {
        const quiet: History = { adopted: true, events: [{ ...plainUp, raise: 1 }] };
        // The first by the history, the second by the raise that every history ends with.
        assert.deepEqual(play(quiet, { brain: realBrain }), { starts: 2, successes: 4 });
    });

    it("rotates once when the engine is killed between POST and answer", () => {
        const killed: History = { adopted: true, events: [{ ...plainUp, raise: 1, dies: "between POST and answer" }] };
        assert.equal(play(killed, { brain: realBrain }).starts, 2);
    });

    it("rotates for itself where certificates are reconciled after somebody's rotation that is still hidden", () => {
        const reconciled: History = {
            adopted: true,
            events: [
                { event: "they rotate", plan: { ...smoothRotation, credentialsLagSeconds: 300 } },
                { event: "time passes", seconds: 60 },
                { event: "they", what: "reconcileCertificates", seconds: 20, outcome: "Succeeded" },
                { ...plainUp, raise: 1 },
            ],
        };
        assert.equal(play(reconciled, { brain: realBrain }).starts, 2);
    });

    it("starts none where AKS has brought its unanswered rotation to an end, which no replica shows for half a minute", () => {
        const plan = {
            ...smoothRotation,
            outcome: "Failed",
            changesCa: false,
            credentialsLagSeconds: 30,
            replicasSeconds: 60,
            replicaOrder: -1,
            reconciles: { afterSeconds: 30, seconds: 0, changesCa: true },
        } as const;
        const reconciled: History = {
            adopted: true,
            events: [
                { event: "our next rotation", plan, times: 1 },
                { event: "our next POST", delivery: "answerTimesOut" },
                { ...plainUp, raise: 1 },
            ],
        };
        assert.equal(play(reconciled, { brain: realBrain }).starts, 2);
    });

    it("stops where a person has canceled its rotation; each further up may start one", () => {
        const plan = { ...smoothRotation, outcome: "Canceled", changesCa: false } as const;
        const canceled: History = {
            adopted: true,
            events: [{ event: "our next rotation", plan, times: 2 }, { ...plainUp, raise: 1 }, plainUp, plainUp],
        };
        // One by each up, of which the third is not canceled, and one by the raise that every history ends with.
        assert.equal(play(canceled, { brain: realBrain }).starts, 4);
    });

    it("starts again at once where AKS itself has preempted its rotation, and no fourth time in one run", () => {
        const plan = {
            ...smoothRotation,
            outcome: "Canceled",
            changesCa: false,
            code: "AKSOperationPreempted",
        } as const;
        const preempted: History = {
            adopted: true,
            events: [
                { event: "our next rotation", plan, times: 4 },
                { ...plainUp, raise: 1 },
            ],
        };
        // Three by the first up, two by the next one: the fourth of these is preempted too.
        assert.equal(play(preempted, { brain: realBrain }).starts, 5);
    });
});
