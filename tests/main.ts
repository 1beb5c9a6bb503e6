/** Runs the tests: the formatter and linter, the compiler, then mocha's: unit, engine and faults; az where it is named. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Mocha from "mocha";
import { exitOnInterrupt } from "../rehearsal/exit-on-interrupt";
import { getAzureCli } from "../toolchain/azure-cli";
import { getControlPlane } from "../toolchain/kubernetes";
import { getPulumi } from "../toolchain/pulumi";
import { faultsSection } from "./support/faults-section";
import { countRepeats, madeHere, readRows, reportFolder, writeSection } from "./support/reliability-page";
import { SuiteTimes } from "./support/suite-times";
import { repeatsSentence } from "./support/until-begun";

const root = join(__dirname, "..");
const usual = ["unit", "engine", "faults"];
/** With those that run only where they are named. */
const suites = [...usual, "az"];

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: "string" } },
});
const unknown = positionals.find((name) => !suites.includes(name));

if (unknown !== undefined) {
    console.error(`There is no suite "${unknown}". There are ${suites.join(", ")}. See npm test -- --help.`);
    process.exitCode = 2;
} else {
    const all = positionals.length === 0 && values.grep === undefined;
    main(positionals.length === 0 ? usual : positionals, all ? ["biome check .", "tsc"] : []).then(
        (code) => process.exit(code),
        (error: Error) => {
            console.error(error.message);
            process.exit(1);
        },
    );
}

async function main(names: string[], commands: string[]): Promise<number> {
    const failed = commands.filter((command) => !succeeds(command)).length;
    if (names.some((name) => name !== "unit")) {
        // Before the tests, whose time is limited: where they must be built it takes a quarter of an hour.
        await getControlPlane(console.log);
    }
    if (names.some((name) => name === "engine" || name === "faults")) {
        await getPulumi(console.log);
    }
    if (names.includes("az")) {
        await getAzureCli(console.log);
    }
    exitOnInterrupt();
    const allFaults = positionals.includes("faults");
    if (allFaults) {
        process.env.FAULTS_ALL = "true";
    } else if (names.includes("faults")) {
        console.log("Faults that take long are left out here: npm run test:faults has them all.");
    }
    const report = reportFolder();
    const { passed, failures, pending, times } = await run(names);
    for (const title of pending) {
        console.log(`Skipped: ${title}`);
    }
    const repeats = countRepeats(report);
    if (repeats > 0) {
        console.log(repeatsSentence(repeats));
    }
    if (allFaults && values.grep === undefined && failures + pending.length === 0) {
        writeSection("faults", faultsSection(readRows(report), await madeHere(), repeats));
        console.log("docs/reliability.md is written.");
    }
    for (const line of times) {
        console.log(line);
    }
    console.log(`${passed + commands.length - failed} passed, ${failures + failed} failed`);
    return failures + failed > 0 ? 1 : 0;
}

function succeeds(command: string): boolean {
    console.log(`$ ${command}`);
    const [program = "", ...args] = command.split(" ");
    return (
        spawnSync(program, args, { cwd: root, stdio: ["ignore", 1, 2], shell: process.platform === "win32" }).status ===
        0
    );
}

function run(names: string[]): Promise<{ passed: number; failures: number; pending: string[]; times: string[] }> {
    // Two at a time, each file in a process of its own: an engine waits more than it works.
    const mocha = new Mocha({
        timeout: 10_000,
        forbidOnly: true,
        parallel: true,
        jobs: 2,
        require: ["ts-node/register/transpile-only"],
    });
    if (values.grep !== undefined) {
        mocha.grep(values.grep);
    }
    for (const name of names) {
        const patterns = [`tests/${name}/**/*.spec.ts`, ...(name === "unit" ? ["packages/*/test/**/*.spec.ts"] : [])];
        for (const file of globSync(patterns, { cwd: root }).sort()) {
            mocha.addFile(join(root, file));
        }
    }
    let passed = 0;
    const pending: string[] = [];
    const times = new SuiteTimes(join(root, "tests"), performance.now());
    return new Promise((resolve) => {
        mocha
            .run((failures) => resolve({ passed, failures, pending, times: times.lines() }))
            .on("pass", () => passed++)
            .on("test end", (test) => times.add(test, performance.now()))
            .on("pending", (test) => pending.push(test.fullTitle()));
    });
}
