import assert from "node:assert/strict";
import { judgeOtherStack } from "../../rotator/preflight/other-stack";

describe("the record in a cluster", () => {
    it("is warned of where another stack has written it, and named where nobody knows which stack asks", () => {
        const cases: [owner: string | undefined, own: string | undefined, status: string, says: RegExp][] = [
            [undefined, "shop/staging", "ok", /no record of another stack/],
            ["shop/staging", "shop/staging", "ok", /that of the stack shop\/staging/],
            ["shop/production", undefined, "ok", /that of the stack shop\/production/],
            [
                "shop/production",
                "shop/staging",
                "warns",
                /that of the stack shop\/production, and this is shop\/staging/,
            ],
        ];
        for (const [owner, own, status, says] of cases) {
            const found = judgeOtherStack(owner, own);
            assert.equal(found.status, status);
            assert.match(found.message, says);
        }
    });
});
