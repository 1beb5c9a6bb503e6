import assert from "node:assert/strict";
import { type Brain, realBrain } from "./brain";
import { tellStory } from "./check";
import { type HistoryEvent, plainUp } from "./history";
import { smoothRotation } from "./operations";
import { play } from "./play";
import type { Promised } from "./promises";
import { UNANSWERED_MS, VISIBILITY_MS } from "./tolerances";

const { applyStartResponse } = realBrain;

/** The rotator where a response of one kind counts as older than it is: its tolerance is as much shorter. */
const impatient = (answer: "accepted" | "none", byMs: number): Brain => ({
    ...realBrain,
    applyStartResponse: (state, response, now, requestedAt) =>
        applyStartResponse(state, response, response.answer === answer ? now - byMs : now, requestedAt),
});

/** Histories that use up a tolerance of the specification: what the rotator allows must not be less. */
const tolerances: { name: string; events: HistoryEvent[]; less: Brain; breaks: Promised }[] = [
    {
        name: "Azure may show an accepted rotation after 9.9 s",
        events: [
            { event: "they", what: "upgrade", seconds: 5, outcome: "Failed" },
            { event: "time passes", seconds: 5 },
            {
                event: "our next rotation",
                plan: { ...smoothRotation, stateLagSeconds: (VISIBILITY_MS - 100) / 1000 },
                times: 1,
            },
            { ...plainUp, raise: 1 },
        ],
        less: impatient("accepted", VISIBILITY_MS / 5),
        breaks: "record",
    },
    {
        name: "a start request without an answer may have an effect for 40 s",
        events: [
            { event: "our next POST", delivery: "requestLost" },
            { ...plainUp, raise: 1 },
        ],
        less: impatient("none", UNANSWERED_MS / 4),
        breaks: "early",
    },
];

describe("a tolerance of the specification", () => {
    for (const { name, events, less, breaks } of tolerances) {
        it(`is kept: ${name}`, () => {
            const history = { adopted: true, events };
            play(history, { brain: realBrain });
            assert.deepEqual(tellStory(history, { brain: less }).promised, [breaks]);
        });
    }
});
