import assert from "node:assert/strict";
import { refuseSkippedCheckpoints } from "../../rotator/checkpoints";

describe("an engine that saves nothing before its end", () => {
    it("is refused, with the variable to unset", () => {
        for (const value of ["1", "true", "TRUE"]) {
            assert.throws(
                () => refuseSkippedCheckpoints({ PULUMI_SKIP_CHECKPOINTS: value }),
                /PULUMI_SKIP_CHECKPOINTS is .*Nothing was rotated\. Unset it/s,
            );
        }
    });

    it("is told from one that saves every step", () => {
        for (const value of [undefined, "", "0", "false"]) {
            refuseSkippedCheckpoints({ PULUMI_SKIP_CHECKPOINTS: value });
        }
    });
});
