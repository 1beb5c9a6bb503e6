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
    // Those whose program is in a process apart cost twice as much, and differ least from each other.
    victim: fc.constantFrom(...victimNames, "the rotator", "the command plugin", "the engine"),
    // Of whole numbers, since those of fast-check's doubles that lie near 0 are by far the most.
    moment: fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
    rotationSeconds: fc.constantFrom(0.3, 1, 2),
    credentialsLagSeconds: fc.constantFrom(0, 0, 1),
    slowReturnSeconds: fc.constantFrom(0, 0, 1),
});

/** The runs of a seed: the same ones every time. */
export function sampleRuns(count: number, seed: number): Run[] {
    // Without bias: fast-check prefers small values and corners, and the moments are to be anywhere.
    return fc.sample(fc.noBias(run), { numRuns: count, seed }).map((sampled, i) => ({ number: i + 1, ...sampled }));
}
