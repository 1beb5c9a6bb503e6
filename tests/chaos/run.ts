import fc from "fast-check";
import { type VictimName, victimNames } from "../support/victims";

/** One run: an `up` that raises the generation, in some weather, killed at some moment. */
export interface Run {
    /** From 1 on. */
    number: number;
    victim: VictimName;
    /** When it is killed: 0 as soon as the engine is there, 1 when an undisturbed `up` would be at its end. */
    moment: number;
    rotationSeconds: number;
    credentialsLagSeconds: number;
    slowReturnSeconds: number;
}

const run: fc.Arbitrary<Omit<Run, "number">> = fc.record({
    victim: fc.constantFrom(...victimNames),
    moment: fc.double({ min: 0, max: 1, noNaN: true }),
    rotationSeconds: fc.constantFrom(0.3, 1, 2),
    credentialsLagSeconds: fc.constantFrom(0, 0, 1),
    slowReturnSeconds: fc.constantFrom(0, 0, 1),
});

/** The runs of a seed: the same ones every time. */
export function sampleRuns(count: number, seed: number): Run[] {
    // fast-check begins with small values and grows: the moments must be anywhere from the first run on.
    return fc.sample(fc.noBias(run), { numRuns: count, seed }).map((sampled, i) => ({ number: i + 1, ...sampled }));
}
