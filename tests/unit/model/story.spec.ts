import assert from "node:assert/strict";
import { decide } from "../../../rotator/decide";
import { realBrain } from "./brain";
import { tellStory } from "./check";
import { plainUp } from "./history";
import { play } from "./play";
import { Story } from "./story";
import { Broken } from "./violations";

describe("the story of a history", () => {
    it("has a numbered line for each event, with what came of it", () => {
        const story = new Story();
        story.tell("a cluster is there");
        story.event("up at generation 2");
        story.tell("intent saved (CA 0)");
        for (const _ of [1, 2, 3]) {
            story.tell("409");
        }
        story.event("60 s pass");
        assert.equal(
            String(story),
            "1. a cluster is there\n2. up at generation 2: intent saved (CA 0); 409 (3 times)\n3. 60 s pass",
        );
    });

    it("tells two things that come in turn many times once", () => {
        const story = new Story();
        story.event("up");
        for (const text of ["a", "b", "c", "b", "c", "b", "c", "b"]) {
            story.tell(text);
        }
        assert.equal(String(story), "1. up: a; b; c (3 times); b");
    });

    it("reports what happened, and every invariant that is violated", () => {
        const forgetful = {
            ...realBrain,
            decide: (s: Parameters<typeof decide>[0]) => decide({ ...s, command: "adopt", record: undefined }),
        };
        const events = [
            { event: "they", what: "upgrade", seconds: 20, outcome: "Succeeded" } as const,
            { ...plainUp, raise: 1, dies: "after the intent is saved" } as const,
            plainUp,
        ];
        const { promised, text } = tellStory({ adopted: true, events }, { brain: forgetful });
        assert.deepEqual(promised, ["rotated", "once"]);
        assert.equal(
            text,
            `1. an up adopts the cluster: intent saved (CA 0); Adopted as it is at generation 1, nothing is rotated; verified; record saved: generation 1, adopted, CA 0 -> CA 0
2. somebody else: upgrade, 20 s, Succeeded
3. up at generation 2: intent saved (CA 0); the engine is killed after the intent is saved
4. up at generation 2: Waiting for another operation to end: the cluster is Upgrading; Upgrading ends Succeeded; Adopted as it is at generation 2, nothing is rotated; verified; record saved: generation 2, adopted, CA 0 -> CA 0
5. the world becomes quiet
6. a last up at generation 2: nothing to do
7. an up at generation 3: intent saved (CA 0); Adopted as it is at generation 3, nothing is rotated; verified; record saved: generation 3, adopted, CA 0 -> CA 0
A cluster that was adopted already was adopted again: nothing was rotated.
Broken: an up of a raised generation that succeeds has a rotation that ended since it was asked for.
In a quiet world an up started 0 rotations, not 1.
Broken: for one raised generation we start one rotation, and one more for each that Azure did not bring to a new CA.`,
        );
    });

    it("is the same each time it is told, and is not told where nothing is broken", () => {
        const history = { adopted: true, events: [{ ...plainUp, raise: 1 }] };
        const told = [1, 2].map(() => {
            const story = new Story();
            play(history, { brain: realBrain, story });
            return String(story);
        });
        assert.equal(told[0], told[1]);
        assert.match(told[0] ?? "", /2\. up at generation 2: .*POST accepted; .*record saved: generation 2, rotated/);
        assert.throws(
            () => tellStory(history, { brain: realBrain }),
            (error) => !(error instanceof Broken) && /breaks nothing/.test(String(error)),
        );
    });
});
