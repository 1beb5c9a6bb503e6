import assert from "node:assert/strict";
import type { Expectation, FlagCase } from "./flag-cases";
import { changesOf, FlagStack, type Situation } from "./flag-stack";

/** Time that a flag may take in one situation, milliseconds: up to six runs of the engine. */
export const FLAG_TIMEOUT_MS = 240_000;

/** Uses a flag in a situation, and checks what it comes to, and what the plain `up` after it does. */
export async function tryFlag(
    stack: FlagStack,
    { run, reset, up = "pulumi up", remakes = false }: FlagCase,
    situation: Situation,
    { fails = false, shows, rotations = 0, up: changes = {}, upRotations = 0 }: Expectation,
): Promise<void> {
    const { ids } = await stack.state();
    await stack.bring(situation);
    const result = await run(stack);
    const came = `it came to:\n${result.output}`;
    assert.equal(result.code !== 0, fails, `exit code ${result.code}; ${came}`);
    assert.ok(shows === undefined || shows.test(result.output), `it does not show ${shows}; ${came}`);
    assert.equal(result.rotations, rotations, `rotations that it has started; ${came}`);

    // With what the flag has left in force, where that is a setting: the advice has to do there.
    const after = await stack.succeed(up);
    await reset?.(stack);
    const unchanged = stack.size - Object.values(changes).reduce((sum, count) => sum + count, 0);
    const expected = { ...changes, ...(unchanged > 0 && { unchanged }) };
    assert.deepEqual(changesOf(after.output), expected, `what the up afterwards changes; ${after.output}`);
    assert.equal(after.rotations, upRotations, `rotations of the up afterwards; ${after.output}`);
    const { ids: idsAfter, ...state } = await stack.state();
    assert.deepEqual(state, { generation: stack.settings.generation, pending: 0 }, "what the state holds");
    const isSame = idsAfter.every((id) => ids.includes(id));
    assert.equal(isSame, !remakes, `whether all is what it was: ${ids}, and then ${idsAfter}`);
}

/** Declares a test for each; they share a stack as long as they pass. */
export function declareFlags(cases: readonly (readonly [FlagCase, Situation, Expectation])[]): void {
    let stack: FlagStack | undefined;
    after(() => stack?.[Symbol.asyncDispose]());

    for (const [flagCase, situation, expectation] of cases) {
        it(`${flagCase.flag} ${situation}`, async () => {
            stack ??= await FlagStack.open();
            try {
                await tryFlag(stack, flagCase, situation, expectation);
            } catch (error) {
                await stack[Symbol.asyncDispose]();
                stack = undefined;
                throw error;
            }
        });
    }
}
