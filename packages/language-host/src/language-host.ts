import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type handleUnaryCall, type ServerWritableStream, type ServiceError, status } from "@grpc/grpc-js";
import { version } from "@pulumi/pulumi/package.json";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
    AboutResponse,
    GetRequiredPackagesResponse,
    type InstallDependenciesRequest,
    InstallDependenciesResponse,
    LanguageHandshakeResponse,
    type ProgramInfo,
} from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { findExecutable } from "./find-executable";
import { installDependencies } from "./install-dependencies";
import { parseOptions, type RuntimeOptions } from "./options";
import { requiredPackages } from "./required-packages";
import { runProgram } from "./run-program";

/** The version that the host reports: the SDK's, whose protocol it speaks. */
export const VERSION = `v${version}`;

/** Pulumi's `LanguageRuntime` service for programs in TypeScript and JavaScript. */
export class LanguageHost {
    readonly handlers: ILanguageRuntimeServer;

    #engine: string;
    #cancellation = new AbortController();

    /** @param engine address of the engine; empty until a handshake names it */
    constructor(engine: string) {
        this.#engine = engine;
        this.handlers = {
            handshake: answer((request) => {
                this.#engine = request.getEngineAddress();
                return new LanguageHandshakeResponse();
            }),
            getPluginInfo: answer(() => new PluginInfo().setVersion(VERSION)),
            getRequiredPackages: answer((request) =>
                new GetRequiredPackagesResponse().setPackagesList(
                    requiredPackages(request.getInfo()?.getProgramDirectory() ?? ""),
                ),
            ),
            run: answer((request) => {
                if (this.#engine === "") {
                    throw new Error("when debugging or running explicitly, must call Handshake before Run");
                }
                return runProgram(request, { engine: this.#engine, signal: this.#cancellation.signal });
            }),
            cancel: answer(() => {
                this.cancel();
                return new Empty();
            }),
            about: answer((request) => about(request.getInfo())),
            installDependencies: (call) => {
                install(call).then(
                    () => call.end(),
                    (error: Error) => call.emit("error", serviceError(status.UNKNOWN, error.message)),
                );
            },
            runPlugin: (call) => call.emit("error", notImplemented("RunPlugin")),
            getRequiredPlugins: unimplemented("GetRequiredPlugins"),
            getProgramDependencies: unimplemented("GetProgramDependencies"),
            runtimeOptionsPrompts: unimplemented("RuntimeOptionsPrompts"),
            template: unimplemented("Template"),
            generateProgram: unimplemented("GenerateProgram"),
            generateProject: unimplemented("GenerateProject"),
            generatePackage: unimplemented("GeneratePackage"),
            pack: unimplemented("Pack"),
            link: unimplemented("Link"),
        };
    }

    /** Interrupts the program that runs, and any that is run later. */
    cancel(): void {
        this.#cancellation.abort();
    }
}

async function about(info: ProgramInfo | undefined): Promise<AboutResponse> {
    optionsOf(info);
    const node = await findExecutable("node", process.env.PATH);
    const { stdout } = await promisify(execFile)(node, ["--version"]);
    const response = new AboutResponse().setExecutable(node).setVersion(stdout.trim());
    response.getMetadataMap().set("packagemanager", "npm");
    return response;
}

async function install(
    call: ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>,
): Promise<void> {
    const info = call.request.getInfo();
    const stdout = (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStdout(chunk));
    const stderr = (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStderr(chunk));
    stdout(Buffer.from("Installing dependencies...\n\n"));
    await installDependencies(info?.getProgramDirectory() ?? "", optionsOf(info), { stdout, stderr });
    stdout(Buffer.from("Finished installing dependencies\n\n"));
}

/** @throws Error when an option is wrong */
function optionsOf(info: ProgramInfo | undefined): RuntimeOptions {
    try {
        return parseOptions(info?.getOptions()?.toJavaScript() ?? {});
    } catch (error) {
        throw new Error(`failed to parse options: ${(error as Error).message}`);
    }
}

function answer<Request, Response>(
    handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
    return (call, callback) => {
        (async () => handle(call.request))().then(
            (response) => callback(null, response),
            (error: Error) => callback(serviceError(status.UNKNOWN, error.message)),
        );
    };
}

function unimplemented<Request, Response>(method: string): handleUnaryCall<Request, Response> {
    return (_, callback) => callback(notImplemented(method));
}

function notImplemented(method: string): ServiceError {
    return serviceError(status.UNIMPLEMENTED, `method ${method} not implemented by this language host`);
}

function serviceError(code: status, details: string): ServiceError {
    return Object.assign(new Error(details), { code, details, metadata: undefined as never });
}
