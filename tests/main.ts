/** Runs the tests: the formatter and linter, the compiler, then mocha's unit and engine tests. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Mocha from "mocha";

const root = join(__dirname, "..");
const suites = ["unit", "engine"];

const help = `npm test [-- SUITE ...] [--grep PATTERN]

Runs everything, or the suites named: ${suites.join(", ")}. On a fresh clone it installs and builds what it needs.
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
    const failed = all ? ["biome check .", "tsc"].filter((command) => !succeeds(command)) : [];
    run(positionals.length === 0 ? suites : positionals, (passed, failures) => {
        console.log(`${passed + (all ? 2 - failed.length : 0)} passed, ${failures + failed.length} failed`);
        process.exit(failures + failed.length > 0 ? 1 : 0);
    });
}

function succeeds(command: string): boolean {
    console.log(`$ ${command}`);
    const [program = "", ...args] = command.split(" ");
    return (
        spawnSync(program, args, { cwd: root, stdio: ["ignore", 1, 2], shell: process.platform === "win32" }).status ===
        0
    );
}

function run(names: string[], done: (passed: number, failed: number) => void): void {
    const mocha = new Mocha({ timeout: 10_000, forbidOnly: true });
    if (values.grep !== undefined) {
        mocha.grep(values.grep);
    }
    for (const name of names) {
        for (const file of globSync(`tests/${name}/**/*.spec.ts`, { cwd: root }).sort()) {
            mocha.addFile(join(root, file));
        }
    }
    let passed = 0;
    mocha.run((failures) => done(passed, failures)).on("pass", () => passed++);
}
