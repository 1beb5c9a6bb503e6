import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod/mini";
import type { CheckedArguments } from "./arguments";
import { hasSecret, type SignInEnvironment } from "./azure-sign-in";
import { snapshotEnvironment } from "./rotator-environment";

/** How long a preflight may take in a preview, in milliseconds: more than its looks take. */
const limitMs = 60_000;

/** The word before a finding that says what could not be looked at. */
const notLooked = "?";

/** The rotator's findings, as its command `preflight` prints them. */
const Findings = z.object({
    findings: z.array(z.object({ check: z.string(), status: z.string(), message: z.string(), advice: z.string() })),
});

/** Where a preflight takes its sign-in from, and what runs it. */
export interface PreviewPreflight {
    /** What the rotator is told of the sign-in, beside its environment; undefined where there is nothing to tell. */
    signIn: SignInEnvironment | undefined;
    /** What runs the rotator: the program and its first arguments. */
    interpreter: string[];
    /** Project and stack. */
    stack: string;
}

/**
 * Warns, in a preview in which the rotation Command is going to run, of what a preflight finds. It only reads, and nothing
 * that becomes of it fails the preview. An `up` that is not previewed makes its own, before it rotates.
 *
 * @param record the rotation Command's standard output
 * @param kubeconfig unknown where the same program makes the cluster, and it is not there yet: that is nothing to warn of
 */
export function warnInPreview(
    resource: pulumi.Resource,
    args: pulumi.Output<CheckedArguments>,
    { record, kubeconfig }: { record: pulumi.Output<string>; kubeconfig: pulumi.Output<string> },
    { signIn, interpreter, stack }: PreviewPreflight,
): void {
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    const warned = pulumi.all([args, isKnown(record), pulumi.output(signIn)]).apply(async ([checked, known, told]) => {
        if (known) {
            return;
        }
        const settings = { ...snapshotEnvironment(checked, stack), AKS_ROTATION_PREFLIGHT: checked.preflight };
        const environment = { ...settings, ...told };
        const run = hasSecret(Object.keys(told ?? {})) ? byItself : byEngine;
        const lines = await oneOfFew(() => findings(() => run(environment, interpreter, resource)));
        // One that could not be read fails the preview and says why; what the preflight could not look at adds nothing to that.
        const isReadable = await isKnown(kubeconfig).catch(() => undefined);
        const shown = isReadable === undefined ? lines.filter((line) => !line.startsWith(notLooked)) : lines;
        if (shown.length > 0 && isReadable !== false) {
            pulumi.log.warn(
                `A rotation of ${checked.clusterName} may be pending, and its preflight finds:\n  ${shown.join("\n  ")}`,
                resource,
            );
        }
    });
    stayUntil(warned);
}

/** Keeps the program connected to the engine until an output is done: by itself it waits for what the engine does alone. */
export function stayUntil(output: pulumi.Output<void>): void {
    const done = pulumi.runtime.rpcKeepAlive();
    (output as unknown as { promise(): Promise<unknown> }).promise().then(done, done);
}

/**
 * Whether a preview knows an output. The SDK keeps this of every output, but not in its types; where it does not, the
 * output counts as known, and nothing is warned of.
 */
async function isKnown(output: pulumi.Output<string>): Promise<boolean> {
    return (await (output as { isKnown?: Promise<boolean> }).isKnown) !== false;
}

/** Preflights that run; each is a process. */
const running = new Set<Promise<unknown>>();
const few = 4;

/** A preview of a whole fleet does not start a process for each of its clusters at once. */
async function oneOfFew<T>(act: () => Promise<T>): Promise<T> {
    while (running.size >= few) {
        await Promise.race(running);
    }
    const own = act();
    running.add(own);
    return own.finally(() => running.delete(own));
}

async function findings(run: () => Promise<string>): Promise<string[]> {
    try {
        return Findings.parse(JSON.parse(await run()))
            .findings.filter(({ status }) => status !== "ok")
            .map(
                ({ check, status, message, advice }) =>
                    `${word(status)} ${check}: ${message}.${advice && ` ${advice}`}`,
            );
    } catch (error) {
        const [first = ""] = (error as Error).message.split("\n");
        return [`${notLooked} it could not be made: ${first}`];
    }
}

/** In the environment of the engine, as the Commands: an inline program's own can be another. */
async function byEngine(
    environment: Record<string, string>,
    interpreter: string[],
    parent: pulumi.Resource,
): Promise<string> {
    const args = { command: "preflight", interpreter, environment, logging: "none" } as const;
    return (await local.run(args, { parent })).stdout;
}

/** In the environment of this program: what is secret in a sign-in must not be among the arguments of a function. */
async function byItself(environment: Record<string, string>, interpreter: string[]): Promise<string> {
    const [program = "", ...first] = interpreter;
    const options = { env: { ...process.env, ...environment }, timeout: limitMs };
    return promisify(execFile)(program, [...first, "preflight"], options).then(
        ({ stdout }) => stdout,
        // Its own words are those of the rotator, which tells no secret.
        ({ stderr, message }: Error & { stderr?: string }) => {
            throw new Error(stderr?.trim() || message);
        },
    );
}

function word(status: string): string {
    return status === "blocks" ? "blocks" : status === "warns" ? "warns" : notLooked;
}
