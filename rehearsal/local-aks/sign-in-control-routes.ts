import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parse } from "./control-routes";
import type { SignInControl } from "./sign-in-control";

type OfClient = { Params: { client: string } };

/** Registers the control endpoint of the sign-in service. */
export function registerSignInControl(server: FastifyInstance, control: SignInControl): void {
    const client = "/_control/clients/:client";
    server.put<OfClient>(`${client}/secret-expired`, ({ params }, reply) => {
        control.expireSecret(params.client);
        return reply.status(204).send();
    });
    server.post<OfClient>(`${client}/secrets`, ({ params }, reply) =>
        reply.status(201).send(control.renewSecret(params.client)),
    );
    server.post<OfClient>(`${client}/certificates`, ({ params, body }, reply) => {
        const { certificate } = parse(z.strictObject({ certificate: z.string().min(1) }), body);
        control.addCertificate(params.client, certificate);
        return reply.status(204).send();
    });
    server.post<OfClient>(`${client}/federated-credentials`, ({ params, body }, reply) => {
        const credential = z.strictObject({
            issuer: z.string(),
            subject: z.string(),
            audience: z.string().optional(),
        });
        control.addFederatedCredential(params.client, parse(credential, body));
        return reply.status(204).send();
    });
    server.post<OfClient>(`${client}/tenants`, ({ params }, reply) =>
        reply.status(201).send(control.addTenant(params.client)),
    );
    server.post("/_control/domains", ({ body }, reply) => {
        const named = z.strictObject({ domain: z.string().min(1), tenantId: z.string().optional() });
        const { domain, tenantId } = parse(named, body);
        control.addDomain(domain, tenantId);
        return reply.status(204).send();
    });
    server.post("/_control/issuers", async ({ body }, reply) => {
        const issuer = z.strictObject({ kind: z.enum(["github", "azureDevOps", "kubernetes"]), subject: z.string() });
        const { kind, subject } = parse(issuer, body);
        return reply.status(201).send(await control.addIssuer(kind, subject));
    });
    server.post("/_control/identity-tokens", async ({ body }, reply) => {
        const token = z.strictObject({
            issuer: z.string(),
            subject: z.string().optional(),
            audience: z.string().optional(),
            seconds: z.number().optional(),
            forged: z.boolean().optional(),
        });
        const { issuer, ...rest } = parse(token, body);
        return reply.status(201).send({ token: await control.identityToken(issuer, rest) });
    });
    server.post("/_control/managed-identities", ({ body }, reply) => {
        const { kind } = parse(z.strictObject({ kind: z.enum(["system", "user"]) }), body);
        return reply.status(201).send(control.addManagedIdentity(kind));
    });
}
