import assert from "node:assert/strict";
import { diffConfig } from "../../rehearsal/plugins/kubernetes/diff-config";
import type { Properties } from "../../rehearsal/plugins/protocol/values";
import recorded from "../conformance/kubernetes-4.32.0-DiffConfig.json";

interface Case {
    case: string;
    olds: Properties;
    news: Properties;
    answer: Record<string, unknown>;
}

describe("kubernetes stand-in: DiffConfig as recorded", () => {
    const cases = recorded.cases as unknown as Case[];

    it("has all 23 cases", () => {
        assert.equal(cases.length, 23);
    });

    for (const { case: name, olds, news, answer } of cases) {
        it(name, () => {
            if (answer.error !== undefined) {
                assert.throws(() => diffConfig(olds, news), { message: answer.error });
                return;
            }
            const { detailedDiff = {}, ...rest } = diffConfig(olds, news);
            assert.deepEqual({ ...rest, detailedDiff }, answer);
        });
    }
});
