import { parseArgs } from "node:util";

/** What somebody wants to have measured. */
export type Wanted = { what: "quick" } | { what: "full"; runs: number } | { what: "page" };

/** With fewer runs a minimum, a median and a maximum say too little to be published. */
export const fewestRuns = 5;

/**
 * Reads the arguments of the bench.
 *
 * @throws Error that says what is wrong, and what would be right
 */
export function readOptions(args: readonly string[]): Wanted {
    const { values } = parse(args);
    if (Object.keys(values).length > 1) {
        throw new Error("--runs N, --quick and --page go each alone: --quick is one run, and --page measures nothing.");
    }
    if (values.quick || values.page) {
        return { what: values.quick ? "quick" : "page" };
    }
    const { runs = String(fewestRuns) } = values;
    if (!/^[1-9]\d*$/.test(runs)) {
        throw new Error(`--runs is "${runs}", but must be a whole number, 1 or more.`);
    }
    return { what: "full", runs: Number(runs) };
}

function parse(args: readonly string[]) {
    const options = {
        runs: { type: "string" },
        quick: { type: "boolean" },
        page: { type: "boolean" },
    } as const;
    try {
        return parseArgs({ args: [...args], options });
    } catch (error) {
        throw new Error(`${(error as Error).message.split(". ")[0]}. There are --runs N, --quick, --page and --help.`);
    }
}
