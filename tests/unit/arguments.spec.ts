import assert from "node:assert/strict";
import { checkArguments, type PlainArguments } from "../../components/arguments";
import { durationSeconds } from "../../components/duration";

const right: PlainArguments = {
    resourceGroupName: "group",
    clusterName: "blue",
    rotationGeneration: 1,
    subscriptionId: "00000000-0000-4000-8000-000000000000",
    credentials: undefined,
    verify: undefined,
    preflight: undefined,
    timeout: undefined,
    settleTimeout: undefined,
};

describe("the component's arguments", () => {
    it("have the defaults that are documented", () => {
        const { credentials, verify, preflight, timeoutSeconds, settleTimeoutSeconds } = checkArguments(right);
        assert.deepEqual(
            { credentials, verify, preflight, timeoutSeconds, settleTimeoutSeconds },
            {
                credentials: "user",
                verify: "required",
                preflight: "required",
                timeoutSeconds: 3600,
                settleTimeoutSeconds: 600,
            },
        );
    });

    for (const generation of [-1, 1.5, "2", undefined, null, Number.NaN, 2 ** 60]) {
        it(`refuse the generation ${JSON.stringify(generation) ?? "undefined"}`, () => {
            assert.throws(
                () => checkArguments({ ...right, rotationGeneration: generation }),
                /rotationGeneration is .*must be a whole number, 0 or more/,
            );
        });
    }

    it("take a generation of 0", () => {
        assert.equal(checkArguments({ ...right, rotationGeneration: 0 }).rotationGeneration, 0);
    });

    it("refuse a subscription that is none, and say where it can come from", () => {
        for (const subscriptionId of [undefined, "", "my subscription"]) {
            assert.throws(
                () => checkArguments({ ...right, subscriptionId }),
                /subscriptionId is .*ARM_SUBSCRIPTION_ID/,
            );
        }
    });

    it("refuse unknown words, and name the ones that are right", () => {
        assert.throws(() => checkArguments({ ...right, verify: "sometimes" }), /verify .*required, bestEffort, off/);
        assert.throws(() => checkArguments({ ...right, credentials: "root" }), /credentials .*user, admin/);
    });

    it("tell everything that is wrong at once", () => {
        assert.throws(
            () => checkArguments({ ...right, clusterName: "", timeout: "soon", settleTimeout: "0m" }),
            /clusterName[\s\S]*timeout is "soon"[\s\S]*settleTimeout is "0m"/,
        );
    });
});

describe("a duration", () => {
    it("is hours, minutes and seconds", () => {
        const cases = { "60m": 3600, "1h30m": 5400, "45s": 45, "1h": 3600, "1h0m5s": 3605 };
        for (const [text, seconds] of Object.entries(cases)) {
            assert.equal(durationSeconds(text, "timeout"), seconds);
        }
    });

    it("is nothing else", () => {
        for (const text of ["", "60", "1d", "m", "-5m", "5 m", "1.5h", 60, undefined, null]) {
            assert.throws(() => durationSeconds(text, "timeout"), /timeout is .*must be a duration such as "60m"/);
        }
    });
});
