import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { doctorSeverities } from "../../cli/doctor-finding";
import { makeProgram } from "../../cli/run";
import { readStackConfig } from "../../components";
import { checks } from "../../formats/record";
import { startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { severities } from "../../rotator/preflight/finding";
import { commandLine } from "../support/command-line";

const golden = JSON.parse(readFileSync(join(__dirname, "..", "fixtures", "golden", "public.json"), "utf8"));

/** Names and types of a JSON value; of an array those of its first element. */
function shapeOf(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.slice(0, 1).map(shapeOf);
    }
    if (value === null || typeof value !== "object") {
        return value === null ? "null" : typeof value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

/** Each command with the options that it takes. */
function commandsOf(program: Command, prefix = ""): Record<string, string[]> {
    const all = program.commands.map((command) => {
        const name = `${prefix}${command.name()}`;
        const options = command.options.map(({ flags }) => flags);
        return command.commands.length > 0 ? commandsOf(command, `${name} `) : { [name]: options };
    });
    return Object.assign({}, ...all);
}

describe("what people and pipelines rely on", () => {
    it("is still there: the keys of a stack's config", () => {
        const values: Record<string, string> = {
            resourceGroupName: "group",
            clusterName: "blue",
            rotationGeneration: "1",
        };
        const read = (keys: string[]) => readStackConfig({ get: (key) => values[key] }, keys);
        assert.equal(read(golden.stackConfigKeys).clusters.length, 1);
        assert.throws(() => read([...golden.stackConfigKeys, "another"]), /another/);
    });

    it("is still there: the ids of checks", () => {
        const found = {
            preflight: Object.keys(severities),
            doctor: Object.keys(doctorSeverities),
            record: Object.keys(checks),
        };
        assert.deepEqual(found, golden.checks);
    });

    it("is still there: commands and their options", () => {
        const io = { env: {}, out: () => {}, err: () => {}, isTerminal: false, stdin: async () => "", now: Date.now };
        assert.deepEqual(commandsOf(makeProgram(io, () => {})), golden.commands);
    });

    it("is still there: JSON and exit codes of the command line", async () => {
        const aks = await startLocalAks();
        await using _ = { [Symbol.asyncDispose]: () => aks.close() };
        await aks.addCluster({ resourceGroup: "shop", name: "prod", backend: "light" });
        for (const [line, { code, shape }] of Object.entries<{ code: number; shape?: unknown }>(golden.commandLines)) {
            const ran = await commandLine(aks, line.split(" "));
            assert.equal(ran.code, code, `${line}: ${ran.err}`);
            assert.deepEqual(shape && shapeOf(JSON.parse(ran.out)), shape, line);
        }
    });
});
