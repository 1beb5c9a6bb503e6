import type { FastifyInstance, FastifyReply } from "fastify";
import type { Cloud } from "./cloud";
import type { Operation } from "./operation";

const API_VERSION = "2017-08-31";

type ById = { Params: { subscription: string; location: string; id: string } };

/** Registers what tells of long-running operations. */
export function registerOperationRoutes(arm: FastifyInstance, cloud: Cloud, url: () => string): void {
    const base = "/subscriptions/:subscription/providers/Microsoft.ContainerService/locations/:location";
    arm.get<ById>(`${base}/operations/:id`, (request, reply) => {
        const operation = cloud.operation(request.params.id);
        if (operation.status === "InProgress") {
            sendRetryAfter(operation, reply);
        }
        return operation.document(new URL(operationPath(cloud, operation, "operations"), url()).pathname);
    });
    arm.get<ById>(`${base}/operationresults/:id`, (request, reply) => {
        const operation = cloud.operation(request.params.id);
        if (operation.status === "InProgress") {
            sendRetryAfter(operation, reply);
            reply.header("location", new URL(request.url, url()).href);
            return reply.status(202).send();
        }
        if (operation.status === "Succeeded") {
            return reply.status(204).send();
        }
        return reply.status(operation.status === "Canceled" ? 409 : 500).send({ error: operation.error });
    });
}

/** Tells a client where to ask for an operation that has just begun. */
export function sendOperation(operation: Operation, cloud: Cloud, url: string, reply: FastifyReply): void {
    reply.header("azure-asyncoperation", url + operationPath(cloud, operation, "operations"));
    reply.header("location", url + operationPath(cloud, operation, "operationresults"));
    sendRetryAfter(operation, reply);
}

function sendRetryAfter(operation: Operation, reply: FastifyReply): void {
    const seconds = operation.retryAfterSeconds();
    if (seconds !== undefined) {
        reply.header("retry-after", String(seconds));
    }
}

function operationPath(cloud: Cloud, { id, location }: Operation, what: "operations" | "operationresults"): string {
    return (
        `/subscriptions/${cloud.subscriptionId}/providers/Microsoft.ContainerService/locations/${location}` +
        `/${what}/${id}?api-version=${API_VERSION}`
    );
}
