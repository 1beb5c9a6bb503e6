import { createServer, type Server } from "node:https";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { ArmError } from "./arm-error";
import type { Identity } from "./certificates";
import type { Interceptor } from "./interceptor";

/** Makes the HTTPS server of the local AKS, without any route. */
export function createHttpsServer(identity: Identity, interceptor: Interceptor): FastifyInstance {
    const server = fastify<Server>({
        routerOptions: { caseSensitive: false, ignoreDuplicateSlashes: true, ignoreTrailingSlash: true },
        forceCloseConnections: true,
        serverFactory: (handler) =>
            createServer({ key: identity.key, cert: identity.certificate }, (request, response) =>
                interceptor.azure(request, response, () => handler(request, response)),
            ),
    });
    server.removeAllContentTypeParsers();
    server.addContentTypeParser(
        "application/x-www-form-urlencoded",
        { parseAs: "string" },
        async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
    );
    // Azure's SDKs send POSTs without a body, with and without a content type.
    server.addContentTypeParser("*", { parseAs: "string" }, async (_request: FastifyRequest, body: string) =>
        parseJson(body),
    );
    server.setErrorHandler((error, _request, reply) => {
        const refusal =
            error instanceof ArmError ? error : new ArmError(500, "InternalServerError", (error as Error).message);
        reply.status(refusal.status).headers(refusal.headers).send(refusal.body());
    });
    server.setNotFoundHandler((request, reply) => {
        const refusal = new ArmError(404, "NotFound", `The local AKS has nothing at ${request.method} ${request.url}.`);
        reply.status(404).send(refusal.body());
    });
    return server as unknown as FastifyInstance;
}

function parseJson(body: string): unknown {
    if (body === "") {
        return undefined;
    }
    try {
        return JSON.parse(body);
    } catch {
        throw new ArmError(
            400,
            "InvalidRequestContent",
            "The request content was invalid and could not be deserialized.",
        );
    }
}
