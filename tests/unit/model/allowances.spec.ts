import assert from "node:assert/strict";
import { type Allowance, allowances } from "./allowances";
import { realBrain } from "./brain";
import { tellStory } from "./check";
import { type HistoryEvent, plainUp } from "./history";
import { type RotationPlan, smoothRotation } from "./operations";
import { play } from "./play";
import type { Promised } from "./promises";
import { EVENTS, type NewEvent } from "./switches";

const up = plainUp;
const raise = { ...plainUp, raise: 1 };
const pass = (seconds: number): HistoryEvent => ({ event: "time passes", seconds });
const ours = (plan: Partial<RotationPlan>): HistoryEvent => ({
    event: "our next rotation",
    plan: { ...smoothRotation, ...plan },
    times: 1,
});
const theirs = (plan: Partial<RotationPlan>): HistoryEvent => ({
    event: "they rotate",
    plan: { ...smoothRotation, ...plan },
});

const stories: Record<Allowance, { events: HistoryEvent[]; breaks: Promised | Promised[]; needs?: NewEvent }> = {
    nobodyKnows: {
        events: [
            ours({ credentialsLagSeconds: 1000 }),
            { ...raise, dies: "after the answer" },
            { ...up, verify: "off" },
        ],
        breaks: "once",
    },
    oldCaUnknown: {
        events: [{ ...raise, raise: 2, dies: "after the answer" }, { ...up, raise: -1 }, theirs({}), pass(300), raise],
        breaks: "record",
    },
    unknownUid: {
        events: [
            { event: "Azure hides the resourceUID", seconds: 5000 },
            { event: "they", what: "delete", seconds: 5, outcome: "Succeeded" },
            pass(20),
            { event: "they", what: "create", seconds: 5, outcome: "Succeeded" },
            pass(20),
            raise,
        ],
        breaks: "raised",
        needs: "uids",
    },
    raisedAgainWithoutRecord: {
        events: [
            { ...raise, raise: 2, dies: "before the POST" },
            { ...up, raise: -1 },
            { event: "the record is lost from the state" },
            { ...up, raise: 1 },
        ],
        breaks: ["before", "rotated"],
        needs: "lostRecords",
    },
    answerLost: {
        events: [
            { event: "our next POST", delivery: "requestLost" },
            { ...raise, meanwhile: true },
            pass(5),
            theirs({}),
        ],
        breaks: "record",
    },
    unseenEnd: {
        events: [{ ...raise, meanwhile: true }, pass(20), { event: "they cancel", seconds: 1 }, pass(1), theirs({})],
        breaks: "record",
    },
    failedWithCa: {
        events: [
            ours({ outcome: "Failed", credentialsLagSeconds: 300 }),
            { ...raise, verify: "off", meanwhile: true },
            pass(60),
            pass(20),
            { event: "they", what: "upgrade", seconds: 20, outcome: "Succeeded" },
        ],
        breaks: "record",
    },
    shownLate: {
        events: [
            { event: "they", what: "upgrade", seconds: 5, outcome: "Failed" },
            pass(5),
            ours({ stateLagSeconds: 20 }),
            raise,
        ],
        breaks: "record",
    },
    blindIntent: {
        events: [
            theirs({ credentialsLagSeconds: 30 }),
            pass(60),
            { event: "the API server is unreachable", seconds: 5 },
            { ...raise, dies: "after the intent is saved" },
            up,
        ],
        breaks: "rotated",
    },
};

/** A story that breaks nothing any more is good news: its allowance can go, from allowances.ts and from here. */
describe("what the model lets pass", () => {
    for (const name of Object.keys(allowances) as Allowance[]) {
        const { is, when } = allowances[name];
        const { events, breaks, needs } = stories[name];
        if (needs !== undefined && !EVENTS.includes(needs)) {
            continue;
        }
        it(`${is}: ${when}`, () => {
            const history = { adopted: true, events };
            play(history, { brain: realBrain });
            const { promised } = tellStory(history, { brain: realBrain, allowed: (other) => other !== name });
            assert.deepEqual(promised, [breaks].flat());
        });
    }
});
