import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { credentials, Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { type ConfigureResponse, type DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { ChangeKind } from "../../rehearsal/plugins/protocol/plugin";
import type { Properties } from "../../rehearsal/plugins/protocol/values";
import { standInFolder } from "../../rehearsal/plugins/stand-in";

/** A message of a plugin to its engine, as the recordings have them. */
export interface Message {
    severity: number;
    message: string;
    ephemeral: boolean;
}

/** A stand-in plugin, started as the engine does it, with an engine that only listens. */
export class Host {
    readonly logs: Message[] = [];
    readonly #engine = new Server();
    #process: ChildProcess | undefined;
    #client: ResourceProviderClient | undefined;

    private constructor(private readonly name: string) {}

    /** @param environment Added to this process's own. */
    static async start(name: string, environment: NodeJS.ProcessEnv = {}): Promise<Host> {
        const host = new Host(name);
        await host.#start(environment).catch(async (error) => {
            await host.close();
            throw error;
        });
        return host;
    }

    async #start(environment: NodeJS.ProcessEnv): Promise<void> {
        this.#engine.addService(EngineService, {
            log: (call: { request: LogRequest }, callback: (error: null, answer: Empty) => void) => {
                const { request } = call;
                this.logs.push({
                    severity: request.getSeverity(),
                    message: request.getMessage(),
                    ephemeral: request.getEphemeral(),
                });
                callback(null, new Empty());
            },
        });
        const bind = promisify(this.#engine.bindAsync.bind(this.#engine));
        const enginePort = await bind("127.0.0.1:0", ServerCredentials.createInsecure());
        const folder = await standInFolder(this.name);
        this.#process = spawn(`${folder}/pulumi-resource-${this.name}`, [`127.0.0.1:${enginePort}`], {
            stdio: ["ignore", "pipe", "inherit"],
            env: { ...process.env, ...environment },
        });
        const { stdout } = this.#process;
        if (!stdout) {
            throw new Error("no standard output");
        }
        const port = await new Promise<string>((resolve, reject) => {
            createInterface(stdout)
                .once("line", resolve)
                .once("close", () => reject(new Error("no port printed")));
        });
        this.#client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    }

    get client(): ResourceProviderClient {
        if (!this.#client) {
            throw new Error("not started");
        }
        return this.#client;
    }

    /** The plugin's process id. */
    get pid(): number {
        return this.#process?.pid ?? 0;
    }

    /** The messages since the last call of this. */
    takeLogs(): Message[] {
        return this.logs.splice(0);
    }

    async close(): Promise<void> {
        this.#client?.close();
        this.#engine.forceShutdown();
        const { exitCode, signalCode } = this.#process ?? {};
        if (this.#process && exitCode === null && signalCode === null) {
            const ended = new Promise((resolve) => this.#process?.once("exit", resolve));
            this.#process.kill("SIGKILL");
            await ended;
        }
    }
}

/** A call's answer, or the error that the plugin answered with. */
export type Outcome<T> =
    | { answer: T; error?: undefined }
    | { error: { error: string; code: number }; answer?: undefined };

/** Makes one call, and takes an error that the plugin means for the user as an outcome. */
export function ask<Response>(
    call: (callback: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Outcome<Response>> {
    return new Promise((resolve, reject) => {
        call((error, answer) => {
            if (error && error.code !== status.UNKNOWN) {
                reject(error);
            } else {
                resolve(error ? { error: { error: error.details, code: error.code } } : { answer });
            }
        });
    });
}

const kinds: Record<PropertyDiff.Kind, ChangeKind> = {
    [PropertyDiff.Kind.ADD]: "add",
    [PropertyDiff.Kind.ADD_REPLACE]: "add-replace",
    [PropertyDiff.Kind.DELETE]: "delete",
    [PropertyDiff.Kind.DELETE_REPLACE]: "delete-replace",
    [PropertyDiff.Kind.UPDATE]: "update",
    [PropertyDiff.Kind.UPDATE_REPLACE]: "update-replace",
};

/** A diff as the recordings have it. */
export function diffOf(response: DiffResponse): Properties {
    const detailed: Properties = {};
    response.getDetaileddiffMap().forEach((diff, path) => {
        detailed[path] = kinds[diff.getKind()];
    });
    return {
        changes: response.getChanges() === 1 ? "none" : "some",
        diffs: response.getDiffsList(),
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
        detailedDiff: detailed,
    };
}

/** What a plugin says it can do, as the recordings show it. */
export function abilities(response: ConfigureResponse): Properties {
    return {
        acceptsecrets: response.getAcceptsecrets(),
        supportspreview: response.getSupportspreview(),
        acceptresources: response.getAcceptresources(),
        acceptoutputs: response.getAcceptoutputs(),
        supportsAutonamingConfiguration: response.getSupportsAutonamingConfiguration(),
    };
}
