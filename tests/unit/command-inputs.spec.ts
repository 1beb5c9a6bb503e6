import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentNames } from "../../components/rotator-environment";
import { argumentSets, laterArgumentSets } from "../support/argument-sets";
import { commandInputs } from "../support/component-mocks";

/** What a Command has been registered with, for each set of arguments. */
type Recorded = Record<
    string,
    Record<"intent" | "rotation", { environment: Record<string, unknown>; interpreter: [] }>
>;

/** Pulumi's mocks show an environment as one secret where one of its variables is. */
function variables(environment: object): Record<string, string> {
    const { secret } = environment as { secret?: Record<string, string> };
    return secret ?? (environment as Record<string, string>);
}

const read = (...path: string[]): Recorded =>
    JSON.parse(readFileSync(join(__dirname, "..", "fixtures", ...path), "utf8"));
const now = read("command-inputs.json");
const before = read("state-0.1.0", "command-inputs.json");

describe("the Commands' inputs", () => {
    const sets = { ...argumentSets, ...laterArgumentSets };

    it("are recorded for each set of arguments", () => {
        assert.deepEqual(Object.keys(now), Object.keys(sets));
        assert.deepEqual(Object.keys(before), Object.keys(argumentSets));
    });

    for (const [name, [args, run]] of Object.entries(sets)) {
        it(`are those on record, so that no stack sees a change: ${name}`, async () => {
            assert.deepEqual(await commandInputs(args, run), now[name]);
        });
    }

    it("leave nothing out that the environment of a pulumi up could set", () => {
        for (const commands of Object.values(now)) {
            for (const { environment } of Object.values(commands)) {
                assert.deepEqual(
                    environmentNames.filter((name) => variables(environment)[name] === undefined),
                    [],
                );
            }
        }
    });

    it("differ from those of 0.1.0 only in what runs the rotator, and in variables that were left out there", () => {
        for (const [name, commands] of Object.entries(before)) {
            for (const command of ["intent", "rotation"] as const) {
                const { environment, interpreter, ...others } = commands[command];
                const {
                    environment: environmentNow,
                    interpreter: interpreterNow,
                    ...othersNow
                } = (now[name] ?? commands)[command];
                assert.deepEqual(others, othersNow);
                assert.notDeepEqual(interpreter, interpreterNow);
                assert.deepEqual(
                    { ...variables(environmentNow), ...variables(environment) },
                    variables(environmentNow),
                );
            }
        }
    });
});
