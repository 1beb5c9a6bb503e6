import { OTHER_CASES } from "../support/flag-cases";
import { declareFlags, FLAG_TIMEOUT_MS } from "../support/flag-trial";

/** tests/engine/flags.spec.ts has one situation of each. These take long, so they run only where all faults are asked for. */
if (process.env.FAULTS_ALL !== undefined) {
    describe("engine flags in other situations", function () {
        this.timeout(FLAG_TIMEOUT_MS);
        declareFlags(OTHER_CASES);
    });
}
