import assert from "node:assert/strict";
import { type Intent, keepIntent, parseIntent } from "../../formats/intent";
import { parseRecord } from "../../formats/record";

const intent: Intent = {
    intent: 1,
    generation: 2,
    clusterId: "/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/c",
    resourceUID: "uid",
    askedAt: "2026-01-01T00:00:00.000Z",
    caFingerprints: ["AA"],
    caCertificate: "pem",
};

describe("an intent", () => {
    it("is read as it was written", () => {
        assert.deepEqual(parseIntent(JSON.stringify(intent)), intent);
    });

    it("stays while no higher generation is asked for", () => {
        for (const generation of [0, 1, 2]) {
            assert.equal(keepIntent(intent, { ...intent, generation, caFingerprints: ["BB"] }), intent);
        }
    });

    it("gives way to a higher generation, and to another cluster", () => {
        for (const change of [{ generation: 3 }, { resourceUID: "another" }, { clusterId: "another" }]) {
            const now = { ...intent, ...change };
            const { earlierGeneration, ...kept } = keepIntent(intent, now);
            assert.deepEqual(kept, now);
            assert.equal(earlierGeneration, change.generation === undefined ? undefined : 2);
        }
        assert.equal(keepIntent(undefined, intent), intent);
    });

    it("names the generation that it replaced, and keeps it while it stands", () => {
        const raised = keepIntent(intent, { ...intent, generation: 5 });
        assert.equal(raised.earlierGeneration, 2);
        assert.equal(keepIntent(raised, { ...intent, generation: 3 }).earlierGeneration, 2);
        assert.equal(keepIntent(raised, { ...intent, generation: 6 }).earlierGeneration, 5);
        assert.equal(
            keepIntent(raised, { ...intent, generation: 6, resourceUID: "another" }).earlierGeneration,
            undefined,
        );
        assert.deepEqual(parseIntent(JSON.stringify(raised)), raised);
    });
});

describe("a document from the state", () => {
    it("is refused with its problem and without its contents", () => {
        const secret = "do-not-repeat";
        assert.throws(
            () => parseRecord(JSON.stringify({ record: 2, generation: secret })),
            (error: Error) =>
                /rotation record kept in the Pulumi state cannot be read: record: /.test(error.message) &&
                /Nothing was rotated/.test(error.message) &&
                !error.message.includes(secret),
        );
        assert.throws(
            () => parseIntent(`{"${secret}`),
            (error: Error) => !error.message.includes(secret),
        );
    });
});
