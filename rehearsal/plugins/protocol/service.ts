import { type handleUnaryCall, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
    ConfigureResponse,
    CreateResponse,
    type DiffRequest,
    GetMappingResponse,
    GetMappingsResponse,
    GetSchemaResponse,
    InvokeResponse,
    ReadResponse,
    type UpdateRequest,
    UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Calls } from "./calls";
import type { EngineLog } from "./engine-log";
import { toServiceError } from "./failures";
import { checkResponse, diffResponse, toAutonaming, toProperties, toStruct } from "./messages";
import type { DiffCall, Plugin, ResourceCall } from "./plugin";

function answering<Request, Response>(
    work: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
    return (call, callback) => {
        work(call.request).then(
            (response) => callback(null, response),
            (error) => callback(toServiceError(error)),
        );
    };
}

const unimplemented = <Request, Response>(_: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) =>
    callback({ code: status.UNIMPLEMENTED, details: "A stand-in plugin does not have this." });

function diffCall(call: ResourceCall, request: DiffRequest | UpdateRequest): DiffCall {
    return {
        ...call,
        id: request.getId(),
        olds: toProperties(request.getOlds()),
        oldInputs: toProperties(request.getOldInputs()),
        news: toProperties(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
    };
}

/** The configuration by plain name: `kubernetes:config:kubeconfig` is `kubeconfig`. */
function plainNames(variables: [string, string][]): Record<string, string> {
    return Object.fromEntries(variables.map(([name, value]) => [name.slice(name.lastIndexOf(":") + 1), value]));
}

/** Pulumi's gRPC service for a plugin, and the calls it has under way. */
export function service(plugin: Plugin, log: EngineLog): { handlers: IResourceProviderServer; calls: Calls } {
    const calls = new Calls(log);
    const { abilities } = plugin;
    const handlers: IResourceProviderServer = {
        getPluginInfo: answering(async () => new PluginInfo().setVersion(plugin.version)),
        getSchema: answering(async () => new GetSchemaResponse().setSchema("{}")),
        attach: answering(async (request) => {
            log.attach(request.getAddress());
            return new Empty();
        }),
        cancel: answering(async () => {
            calls.cancel();
            return new Empty();
        }),
        configure: answering(async (request) => {
            await plugin.configure(plainNames(request.getVariablesMap().toArray()));
            return new ConfigureResponse()
                .setAcceptsecrets(abilities.acceptSecrets)
                .setSupportspreview(abilities.supportsPreview)
                .setAcceptresources(abilities.acceptResources)
                .setAcceptoutputs(abilities.acceptOutputs)
                .setSupportsAutonamingConfiguration(abilities.supportsAutonamingConfiguration);
        }),
        checkConfig: answering((request) =>
            calls.run(request, async (call) => {
                const olds = toProperties(request.getOlds());
                const news = toProperties(request.getNews());
                const answer = await plugin.checkConfig?.({ ...call, olds, news, randomSeed: new Uint8Array() });
                return checkResponse(answer ?? { inputs: news });
            }),
        ),
        diffConfig: answering(async (request) => {
            const olds = request.getOldInputs() ?? request.getOlds();
            const answer = plugin.diffConfig?.(toProperties(olds), toProperties(request.getNews()));
            return diffResponse(answer ?? { changes: "none", diffs: [], replaces: [], deleteBeforeReplace: false });
        }),
        check: answering((request) =>
            calls.run(request, async (call) => {
                const olds = toProperties(request.getOlds());
                const news = toProperties(request.getNews());
                const randomSeed = request.getRandomseed_asU8();
                const autonaming = toAutonaming(request.getAutonaming());
                return checkResponse(await plugin.check({ ...call, olds, news, randomSeed, autonaming }));
            }),
        ),
        diff: answering((request) =>
            calls.run(request, async (call) => diffResponse(await plugin.diff(diffCall(call, request)))),
        ),
        create: answering((request) =>
            calls.run(request, async (call) => {
                const inputs = toProperties(request.getProperties());
                const rest = { preview: request.getPreview(), timeout: request.getTimeout() };
                const { id, properties } = await plugin.create({ ...call, inputs, ...rest });
                return new CreateResponse().setId(id).setProperties(toStruct(properties));
            }),
        ),
        read: answering((request) =>
            calls.run(request, async (call) => {
                const properties = toProperties(request.getProperties());
                const inputs = toProperties(request.getInputs());
                const answer = await plugin.read({ ...call, id: request.getId(), properties, inputs });
                return answer
                    ? new ReadResponse()
                          .setId(answer.id)
                          .setProperties(toStruct(answer.properties))
                          .setInputs(toStruct(answer.inputs))
                    : new ReadResponse();
            }),
        ),
        update: answering((request) =>
            calls.run(request, async (call) => {
                const rest = { preview: request.getPreview(), timeout: request.getTimeout() };
                const properties = await plugin.update({ ...diffCall(call, request), ...rest });
                return new UpdateResponse().setProperties(toStruct(properties));
            }),
        ),
        delete: answering((request) =>
            calls.run(request, async (call) => {
                const properties = toProperties(request.getProperties());
                await plugin.delete({ ...call, id: request.getId(), properties, timeout: request.getTimeout() });
                return new Empty();
            }),
        ),
        invoke: answering(async (request) =>
            new InvokeResponse().setReturn(
                toStruct(await plugin.invoke(request.getTok(), toProperties(request.getArgs()))),
            ),
        ),
        getMapping: answering(async () => new GetMappingResponse()),
        getMappings: answering(async () => new GetMappingsResponse()),
        handshake: unimplemented,
        parameterize: unimplemented,
        call: unimplemented,
        construct: unimplemented,
        list: (call) => call.emit("error", { code: status.UNIMPLEMENTED, details: "A stand-in plugin lists nothing." }),
    };
    return { handlers, calls };
}
