import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OutputMap } from "@pulumi/pulumi/automation";
import type { Project } from "../../rehearsal/project";

/** A resource in a state file: what tests look at. */
interface Resource {
    urn: string;
    type: string;
    /** Of one that is no component. */
    id?: string;
    outputs?: Record<string, unknown>;
}

/** What is in a stack's state, as far as tests look at it. */
export interface State {
    resources: Resource[];
    pending_operations?: unknown[];
}

/** Reads the state of a project's stack from its file, as the engine has saved it last. */
export async function readState({ directory }: Pick<Project, "directory">): Promise<State> {
    return readStateFile(join(directory, "state", ".pulumi", "stacks", "rehearsal", "dev.json"));
}

/** Reads a stack's state from a file of a file backend. */
export async function readStateFile(file: string): Promise<State> {
    const { checkpoint } = JSON.parse(await readFile(file, "utf8"));
    // A stack that is new has none.
    return checkpoint.latest ?? { resources: [] };
}

/**
 * What a Command's program has printed, by the state of a project's stack. Where a secret is among its inputs Pulumi has
 * encrypted that too, and is asked for it.
 *
 * @throws Error when the state has no such Command
 */
export async function readStdout(project: Pick<Project, "stack" | "directory">, name: string): Promise<string> {
    const of = ({ resources }: State) => resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs?.stdout;
    const saved = of(await readState(project));
    if (typeof saved === "string") {
        return saved;
    }
    // With its secrets in clear.
    const { deployment } = await project.stack.exportStack();
    const { plaintext } = (of(deployment) ?? {}) as { plaintext?: string };
    if (plaintext === undefined) {
        throw new Error(`The state has no Command "${name}" that has printed anything.`);
    }
    return JSON.parse(plaintext);
}

/**
 * Spares every `up` of a project three more runs of the engine: its outputs are read from the state, where the secret ones
 * are not readable, and its summary is left out.
 */
export function readOutputsFromState({ stack, directory }: Pick<Project, "stack" | "directory">): void {
    stack.outputs = async () => {
        const { resources } = await readState({ directory });
        const { outputs = {} } = resources.find(({ type }) => type === "pulumi:pulumi:Stack") ?? {};
        return Object.fromEntries(
            Object.entries(outputs).map(([name, value]) => [name, { value, secret: false }]),
        ) satisfies OutputMap;
    };
    stack.info = async () => undefined;
}
