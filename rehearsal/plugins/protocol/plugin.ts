import type { Properties } from "./values";

/** How loud a message to the user is; an `ephemeral` one is a status line that the next one overwrites. */
export type Severity = "debug" | "info" | "warning" | "error";

/** Tells the user something about the resource at hand. */
export type Log = (severity: Severity, message: string, ephemeral?: boolean) => void;

/** What every call about a resource brings. */
export interface ResourceCall {
    /** The resource's name in the state, for example `urn:pulumi:dev::project::kubernetes:core/v1:ConfigMap::config`. */
    urn: string;
    /** The resource's type, for example `kubernetes:core/v1:ConfigMap`. */
    type: string;
    /** The resource's name in the program. */
    name: string;
    log: Log;
    /** Ends when the user cancels the update, or the call's own timeout is over. */
    signal: AbortSignal;
}

/** How a plugin is to name a resource that the program gives no name. */
export interface Autonaming {
    mode: "propose" | "enforce" | "disable";
    proposedName: string;
}

export interface CheckCall extends ResourceCall {
    olds: Properties;
    news: Properties;
    /** Same in a preview and the update that follows it, where they belong together; empty otherwise. */
    randomSeed: Uint8Array;
    autonaming?: Autonaming;
}

export interface CheckAnswer {
    inputs: Properties;
    failures?: { property?: string; reason: string }[];
}

export interface DiffCall extends ResourceCall {
    id: string;
    /** The resource's outputs of the last update. */
    olds: Properties;
    /** The resource's inputs of the last update; empty where the engine does not know them. */
    oldInputs: Properties;
    news: Properties;
    ignoreChanges: string[];
}

/** What a change of one property does; with `-replace`, the resource is replaced. */
export type ChangeKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface DiffAnswer {
    changes: "none" | "some";
    diffs: string[];
    replaces: string[];
    deleteBeforeReplace: boolean;
    /** By property path; left out where the plugin gives none, so that the engine makes its own. */
    detailedDiff?: Record<string, ChangeKind>;
}

export interface CreateCall extends ResourceCall {
    inputs: Properties;
    preview: boolean;
    /** Seconds; 0 where the user sets no timeout. */
    timeout: number;
}

export interface ReadCall extends ResourceCall {
    id: string;
    /** Empty where the resource is read for the first time (`get` and import). */
    properties: Properties;
    inputs: Properties;
}

export interface ReadAnswer {
    id: string;
    properties: Properties;
    inputs: Properties;
}

export interface UpdateCall extends DiffCall {
    preview: boolean;
    timeout: number;
}

export interface DeleteCall extends ResourceCall {
    id: string;
    properties: Properties;
    timeout: number;
}

/** What a plugin tells the engine about itself when it is configured. */
export interface Abilities {
    acceptSecrets: boolean;
    supportsPreview: boolean;
    acceptResources: boolean;
    acceptOutputs: boolean;
    supportsAutonamingConfiguration: boolean;
}

/**
 * A Pulumi resource plugin, free of gRPC. Whatever a method throws reaches the user as the error of that resource.
 */
export interface Plugin {
    /** For example `1.2.1`. */
    version: string;
    abilities: Abilities;
    /** @param variables The provider's configuration by plain name, each as text; objects are JSON. */
    configure(variables: Record<string, string>): Promise<void>;
    checkConfig?(call: CheckCall): Promise<CheckAnswer>;
    diffConfig?(olds: Properties, news: Properties): DiffAnswer;
    check(call: CheckCall): Promise<CheckAnswer>;
    diff(call: DiffCall): Promise<DiffAnswer>;
    create(call: CreateCall): Promise<{ id: string; properties: Properties }>;
    /** @returns undefined where the resource is gone. */
    read(call: ReadCall): Promise<ReadAnswer | undefined>;
    update(call: UpdateCall): Promise<Properties>;
    delete(call: DeleteCall): Promise<void>;
    invoke(token: string, args: Properties): Promise<Properties>;
}

/** The resource exists, but did not become ready; the engine keeps it in the state, with what went wrong. */
export class InitializationError extends Error {
    constructor(
        message: string,
        readonly id: string,
        readonly properties: Properties,
        readonly reasons: string[] = [message],
    ) {
        super(message);
    }
}
