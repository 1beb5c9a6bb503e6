import assert from "node:assert/strict";
import { engineFindings, hasUpdatePlan, refuseUpdatePlan } from "../../rotator/engine";

describe("how the engine runs", () => {
    it("has an update plan with --plan or --strict, and in no other way", () => {
        for (const args of [
            ["up", "--plan", "plan.json"],
            ["up", "--plan=plan.json", "--yes"],
            ["up", "--strict"],
            ["up", "--strict=true"],
        ]) {
            assert.ok(hasUpdatePlan(args), args.join(" "));
            assert.throws(() => refuseUpdatePlan(args), /no plan can hold a rotation.*Nothing was rotated/);
        }
        for (const args of [
            undefined,
            [],
            ["up", "--yes", "--strict=false"],
            ["preview", "--save-plan", "plan.json"],
            ["up", "--planned"],
            ["up", "-s", "plan"],
        ]) {
            assert.ok(!hasUpdatePlan(args), args?.join(" "));
            assert.doesNotThrow(() => refuseUpdatePlan(args));
        }
    });

    it("is named in a preview where a rotation would be refused, and not where all is well", () => {
        const checks = (args: string[] | undefined, env: Record<string, string>) =>
            engineFindings(args, env).map(({ check, status }) => `${check} ${status}`);
        assert.deepEqual(checks(["preview"], {}), []);
        assert.deepEqual(checks(undefined, { PULUMI_SKIP_CHECKPOINTS: "false" }), []);
        assert.deepEqual(checks(["preview", "--save-plan=x"], {}), ["updatePlan warns"]);
        assert.deepEqual(checks(["up", "--plan", "x"], { PULUMI_SKIP_CHECKPOINTS: "true" }), [
            "checkpoints blocks",
            "updatePlan warns",
        ]);
    });
});
