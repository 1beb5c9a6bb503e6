import { randomBytes } from "node:crypto";
import type { CreateCall, DeleteCall, Plugin, ResourceCall, UpdateCall } from "../protocol/plugin";
import { containsSecrets, type Properties, reveal, revealAll, secret, unknown } from "../protocol/values";
import { versions } from "../versions";
import { readArguments } from "./arguments";
import { diff } from "./diff";
import { type CommandOutputs, run } from "./run";

function text(properties: Properties, name: "stdout" | "stderr"): string {
    const value = reveal(properties[name] ?? "");
    return typeof value === "string" ? value : "";
}

function outputsOf(properties: Properties): CommandOutputs {
    return { stdout: text(properties, "stdout"), stderr: text(properties, "stderr") };
}

/** A resource as the official plugin gives it back: where any input is secret, so is what the command has printed. */
function withOutputs(inputs: Properties, { stdout, stderr }: CommandOutputs): Properties {
    return containsSecrets(inputs)
        ? { ...inputs, stdout: secret(stdout), stderr: secret(stderr) }
        : { ...inputs, stdout, stderr };
}

function runFor(call: ResourceCall, command: string, properties: Properties, previous: CommandOutputs) {
    const line = (message: string) => call.log("info", message, true);
    return run(command, readArguments(revealAll(properties)), previous, { line, signal: call.signal });
}

function refuseOther(type: string, properties: Properties): void {
    if (type !== "command:local:Command") {
        throw new Error(`The stand-in for the command plugin has only command:local:Command, not ${type}.`);
    }
    for (const name of ["assetPaths", "archivePaths"]) {
        if (properties[name] !== undefined) {
            throw new Error(`The stand-in for the command plugin does not have ${name}.`);
        }
    }
}

async function create(call: CreateCall): Promise<{ id: string; properties: Properties }> {
    const { inputs, name, preview } = call;
    const id = `${name}${randomBytes(4).toString("hex")}`;
    if (preview) {
        return { id, properties: { ...inputs, stdout: unknown, stderr: unknown } };
    }
    const command = readArguments(revealAll(inputs)).create;
    const none = { stdout: "", stderr: "" };
    const outputs = command === undefined ? none : await runFor(call, command, inputs, none);
    return { id, properties: withOutputs(inputs, outputs) };
}

async function update(call: UpdateCall): Promise<Properties> {
    const { news, olds, preview } = call;
    if (preview) {
        return { ...news, stdout: unknown, stderr: unknown };
    }
    const args = readArguments(revealAll(news));
    const command = args.update ?? args.create;
    const previous = outputsOf(olds);
    const outputs = command === undefined ? previous : await runFor(call, command, news, previous);
    return withOutputs(news, outputs);
}

async function remove(call: DeleteCall): Promise<void> {
    const { properties } = call;
    const command = readArguments(revealAll(properties)).delete;
    if (command !== undefined) {
        await runFor(call, command, properties, outputsOf(properties));
    }
}

/**
 * `command:local:run`: runs a command, in a preview too, and answers with its arguments and what it printed. What it logs
 * is of no resource; this stand-in shows none of it, and so refuses to be asked for it.
 */
async function runFunction(token: string, properties: Properties): Promise<Properties> {
    if (token !== "command:local:run") {
        throw new Error(`The stand-in for the command plugin has only the function command:local:run, not ${token}.`);
    }
    const { logging, assetPaths, archivePaths } = properties;
    if (reveal(logging ?? "") !== "none" || assetPaths !== undefined || archivePaths !== undefined) {
        throw new Error(
            'The stand-in for the command plugin runs command:local:run only with logging "none", and without assetPaths and archivePaths.',
        );
    }
    const command = reveal(properties.command ?? "");
    if (typeof command !== "string") {
        throw new Error("command must be a string");
    }
    const outputs = await run(
        command,
        readArguments(revealAll(properties)),
        { stdout: "", stderr: "" },
        {
            line: () => {},
            signal: new AbortController().signal,
        },
    );
    return { ...properties, ...outputs };
}

/**
 * Stands in for the command plugin, `command:local:Command` and the function `command:local:run`. Outputs that have the name of an input are as secret
 * as the input; stdout and stderr are secret where any input is, as every output of the official plugin depends on every
 * input (source: its WireDependencies, and pulumi-command #256).
 */
export const commandPlugin: Plugin = {
    version: versions.command,
    abilities: {
        acceptSecrets: true,
        supportsPreview: true,
        acceptResources: true,
        acceptOutputs: true,
        supportsAutonamingConfiguration: false,
    },
    async configure() {},
    async check({ type, news }) {
        refuseOther(type, news);
        return { inputs: news };
    },
    async diff({ olds, oldInputs, news }) {
        return diff(Object.keys(oldInputs).length > 0 ? oldInputs : olds, news);
    },
    create,
    async read({ id, properties, inputs }) {
        return { id, properties, inputs };
    },
    update,
    delete: remove,
    invoke: runFunction,
};
