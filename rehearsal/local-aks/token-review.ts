import type { FastifyInstance } from "fastify";
import type { Client } from "./clients";
import { entraIdUser } from "./entra-id-user";

/** Path of the question that a kube-apiserver asks. */
export const TOKEN_REVIEW = "/_control/token-review";

/**
 * Registers what a kube-apiserver asks to know whose token it has been shown: a webhook, as AKS has it for Microsoft
 * Entra ID. Only API servers of the local AKS know its address.
 */
export function registerTokenReview(
    server: FastifyInstance,
    userOf: (token: string) => Promise<Client | undefined>,
): void {
    server.post(TOKEN_REVIEW, async (request) => {
        const { apiVersion, spec } = request.body as { apiVersion: string; spec?: { token?: string } };
        const client = await userOf(spec?.token ?? "");
        const status = client ? { authenticated: true, user: reviewed(client) } : { authenticated: false };
        return { apiVersion, kind: "TokenReview", status };
    });
}

function reviewed(client: Client): object {
    const { username, groups } = entraIdUser(client);
    return { username, groups };
}
