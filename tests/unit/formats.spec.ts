import assert from "node:assert/strict";
import { isSameCluster } from "../../formats/cluster-identity";
import { type Intent, keepIntent, parseIntent } from "../../formats/intent";
import { parseRecord } from "../../formats/record";
import { adopted } from "./task";

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
        const now = {
            ...intent,
            generation: 3,
            askedAt: "2026-02-02T00:00:00.000Z",
            caFingerprints: ["BB"],
            eTag: "2",
        };
        assert.deepEqual(keepIntent(intent, now), { ...now, earlierGeneration: 2 });
    });

    it("names the generation that it replaced, and keeps it while it stands", () => {
        const raised = keepIntent(intent, { ...intent, generation: 5 });
        assert.equal(raised.earlierGeneration, 2);
        assert.equal(keepIntent(raised, { ...intent, generation: 3 }).earlierGeneration, 2);
        const rotated = { ...intent, generation: 6, caFingerprints: ["BB"] };
        assert.equal(keepIntent(raised, rotated).earlierGeneration, 5);
        // The CA is still the one of before: no rotation has come of generation 5.
        assert.equal(keepIntent(raised, { ...intent, generation: 6 }).earlierGeneration, 2);
        assert.equal(
            keepIntent(raised, { ...intent, generation: 6, resourceUID: "another" }).earlierGeneration,
            undefined,
        );
        assert.deepEqual(parseIntent(JSON.stringify(raised)), raised);
    });
});

describe("a cluster's identity", () => {
    const [clusterId, resourceUID] = ["/subscriptions/s/c", "uid"];

    it("is the ARM id, and the resourceUID where both sides have one", () => {
        assert.equal(isSameCluster({ clusterId, resourceUID }, { clusterId, resourceUID }), true);
        assert.equal(isSameCluster({ clusterId, resourceUID }, { clusterId, resourceUID: "another" }), false);
        assert.equal(isSameCluster({ clusterId, resourceUID }, { clusterId: "another", resourceUID }), false);
        for (const none of [undefined, "", clusterId]) {
            assert.equal(isSameCluster({ clusterId, resourceUID: none }, { clusterId, resourceUID }), true);
            assert.equal(isSameCluster({ clusterId, resourceUID }, { clusterId, resourceUID: none }), true);
            assert.equal(isSameCluster({ clusterId, resourceUID: none }, { clusterId: "another" }), false);
        }
    });
});

describe("a document from the state", () => {
    it("is refused where it is of a later version, or says what this one does not know", () => {
        const read = (own: object) => () => parseIntent(JSON.stringify({ ...intent, ...own }));
        assert.throws(read({ intent: 2 }), /intent kept in the Pulumi state cannot be read: intent: /);
        assert.throws(read({ askedAt: undefined }), /askedAt: /);
        const record = (own: object) => () => parseRecord(JSON.stringify({ ...adopted, ...own }));
        assert.deepEqual(record({})(), JSON.parse(JSON.stringify(adopted)));
        assert.throws(record({ record: 2 }), /record: /);
        assert.throws(record({ outcome: "failed" }), /outcome: /);
        assert.throws(record({ verified: ["everything"] }), /verified\.0: /);
    });

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
