/** Runs the tests: the formatter and linter, the compiler, then mocha's: unit, engine and faults. */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Mocha from "mocha";
import { exitOnInterrupt } from "../rehearsal/exit-on-interrupt";
import { getControlPlane } from "../toolchain/kubernetes";
import { getPulumi } from "../toolchain/pulumi";
import { faultsSection } from "./support/faults-section";
import { madeHere, readRows, writeSection } from "./support/reliability-page";

const root = join(__dirname, "..");
const suites = ["unit", "engine", "faults"];

const help = `npm test [-- SUITE ...] [--grep PATTERN]

Runs everything but the slow faults, or the suites named: ${suites.join(", ")}. Where faults is named, the slow ones run
too, and where all went well docs/reliability.md is written anew. On a fresh clone it installs and builds what it needs.
Ends with a line "N passed, N failed".`;

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: "string" }, help: { type: "boolean", short: "h" } },
});
const unknown = positionals.find((name) => !suites.includes(name));

if (values.help) {
    console.log(help);
} else if (unknown !== undefined) {
    console.error(`There is no suite "${unknown}".\n\n${help}`);
    process.exitCode = 2;
} else {
    const all = positionals.length === 0 && values.grep === undefined;
    main(positionals.length === 0 ? suites : positionals, all ? ["biome check .", "tsc"] : []).then(
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
        await getPulumi(console.log);
        await getControlPlane(console.log);
    }
    exitOnInterrupt();
    const allFaults = positionals.includes("faults");
    if (allFaults) {
        process.env.FAULTS_ALL = "true";
    } else if (names.includes("faults")) {
        console.log("Faults that take long are left out here: npm run test:faults has them all.");
    }
    const report = allFaults && values.grep === undefined ? reportFolder() : undefined;
    const { passed, failures, pending } = await run(names);
    if (report !== undefined && failures + pending === 0) {
        writeSection("faults", faultsSection(readRows(report), await madeHere()));
        console.log("docs/reliability.md is written.");
    }
    console.log(`${passed + commands.length - failed} passed, ${failures + failed} failed`);
    return failures + failed > 0 ? 1 : 0;
}

/** Where the tests of faults tell what they have seen; gone with this process. */
function reportFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "faults-"));
    process.once("exit", () => rmSync(folder, { recursive: true }));
    process.env.FAULTS_REPORT = folder;
    return folder;
}

function succeeds(command: string): boolean {
    console.log(`$ ${command}`);
    const [program = "", ...args] = command.split(" ");
    return (
        spawnSync(program, args, { cwd: root, stdio: ["ignore", 1, 2], shell: process.platform === "win32" }).status ===
        0
    );
}

function run(names: string[]): Promise<{ passed: number; failures: number; pending: number }> {
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
        for (const file of globSync(`tests/${name}/**/*.spec.ts`, { cwd: root }).sort()) {
            mocha.addFile(join(root, file));
        }
    }
    let passed = 0;
    let pending = 0;
    return new Promise((resolve) => {
        mocha
            .run((failures) => resolve({ passed, failures, pending }))
            .on("pass", () => passed++)
            .on("pending", () => pending++);
    });
}
