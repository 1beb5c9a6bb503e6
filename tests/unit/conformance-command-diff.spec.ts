import assert from "node:assert/strict";
import { commandPlugin } from "../../rehearsal/plugins/command/plugin";
import type { ResourceCall } from "../../rehearsal/plugins/protocol/plugin";
import type { Properties } from "../../rehearsal/plugins/protocol/values";
import recorded from "../conformance/command-1.2.1.json";

interface Case {
    method: string;
    case: string;
    olds: Properties;
    oldInputs: Properties;
    news: Properties;
    properties: Properties;
    answer: Record<string, unknown>;
}

const call: ResourceCall = {
    urn: "urn:pulumi:dev::test::command:local:Command::c",
    type: "command:local:Command",
    name: "c",
    log: () => {},
    signal: new AbortController().signal,
};

describe("command stand-in: Diff and Check as recorded", () => {
    const cases = recorded.cases as unknown as Case[];
    const [diffs, checks] = ["Diff", "Check"].map((method) => cases.filter((one) => one.method === method));
    assert.ok(diffs && checks);

    it("has 15 diffs and 2 checks", () => {
        assert.deepEqual([diffs.length, checks.length], [15, 2]);
    });

    for (const { case: name, olds, oldInputs, news, answer } of diffs) {
        it(name, async () => {
            assert.deepEqual(
                await commandPlugin.diff({ ...call, id: "c1", olds, oldInputs, news, ignoreChanges: [] }),
                answer,
            );
        });

        it(`${name}, by an engine that does not know the old inputs`, async () => {
            assert.deepEqual(
                await commandPlugin.diff({ ...call, id: "c1", olds, oldInputs: {}, news, ignoreChanges: [] }),
                answer,
            );
        });
    }

    for (const { case: name, properties, answer } of checks) {
        it(name, async () => {
            const check = { ...call, olds: {}, news: properties, randomSeed: new Uint8Array() };
            const { inputs, failures = [] } = await commandPlugin.check(check);
            assert.deepEqual({ inputs, failures }, answer);
        });
    }
});
