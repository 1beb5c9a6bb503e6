import { USUAL_CASES } from "../support/flag-cases";
import { declareFlags, FLAG_TIMEOUT_MS } from "../support/flag-trial";

/** tests/faults/flags.spec.ts has the other situations. */
describe("engine flags", function () {
    this.timeout(FLAG_TIMEOUT_MS);
    declareFlags(USUAL_CASES);
});
