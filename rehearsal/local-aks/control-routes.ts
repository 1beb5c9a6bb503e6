import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ArmError } from "./arm-error";
import type { Control } from "./control";
import { clusterOptions, clusterSettings, ended, fault, kubernetesVersions, lifetimes } from "./control-schemas";

type OfCluster = { Params: { group: string; name: string } };
type OfFault = { Params: { id: string } };

/** Registers the control endpoint: every operation of Control, for those who are not in this process. */
export function registerControl(server: FastifyInstance, control: Control): void {
    const of = ({ params }: { params: OfCluster["Params"] }) => ({ resourceGroup: params.group, name: params.name });
    const cluster = "/_control/clusters/:group/:name";

    server.get("/_control/clusters", () => control.clusters());
    server.post("/_control/clusters", async (request, reply) => {
        const options = parse(clusterOptions, request.body);
        await control.addCluster(options);
        reply.status(201);
        return control.cluster(options);
    });
    server.get<OfCluster>(cluster, (request) => control.cluster(of(request)));
    server.patch<OfCluster>(cluster, (request) => {
        control.set(of(request), parse(clusterSettings, request.body));
        return control.cluster(of(request));
    });
    server.delete<OfCluster>(cluster, async (request, reply) => {
        await control.delete(of(request));
        reply.status(204);
    });
    server.post<OfCluster>(`${cluster}/rotate`, (request, reply) => {
        const { id } = control.rotateBySomebodyElse(of(request));
        return reply.status(202).send({ id });
    });
    server.post<OfCluster>(`${cluster}/operation`, (request, reply) => {
        const body = z.strictObject({
            provisioningState: z.string().min(1),
            seconds: z.number().min(0),
            ending: ended.optional(),
        });
        const { provisioningState, seconds, ending } = parse(body, request.body);
        const { id } = control.beginOperation(of(request), provisioningState, seconds, ending);
        return reply.status(202).send({ id });
    });
    server.post<OfCluster>(`${cluster}/operation/end`, async (request) => {
        const { status } = parse(z.strictObject({ status: ended }), request.body);
        return { status: await control.endOperation(of(request), status) };
    });
    server.post<OfCluster>(`${cluster}/recreate`, async (request) => {
        await control.recreate(of(request));
        return control.cluster(of(request));
    });
    server.post<OfCluster>(`${cluster}/certificates`, async (request) => {
        await control.replaceCertificates(of(request), parse(lifetimes.partial(), request.body ?? {}));
        return control.cluster(of(request));
    });
    server.put<OfCluster>(`${cluster}/reachable`, async (request) => {
        const { reachable } = parse(z.strictObject({ reachable: z.boolean() }), request.body);
        await control.setReachable(of(request), reachable);
        return control.cluster(of(request));
    });
    server.get<OfCluster>(`${cluster}/requests`, (request) => control.requests(of(request)));
    server.get("/_control/requests", () => control.requests());
    server.delete("/_control/requests", (_request, reply) => {
        control.clearRequests();
        return reply.status(204).send();
    });
    server.get("/_control/faults", () => control.faults());
    server.post("/_control/faults", (request, reply) => {
        const id = control.addFault(parse(fault, request.body));
        return reply.status(201).send({ id });
    });
    server.delete("/_control/faults", (_request, reply) => {
        control.clearFaults();
        return reply.status(204).send();
    });
    server.delete<OfFault>("/_control/faults/:id", (request, reply) => {
        control.removeFault(Number(request.params.id));
        return reply.status(204).send();
    });
    server.post<OfFault>("/_control/faults/:id/release", (request, reply) => {
        control.release(Number(request.params.id));
        return reply.status(204).send();
    });
    server.get<OfFault>("/_control/faults/:id/struck", async (request, reply) => {
        const { hits } = parse(z.strictObject({ hits: z.coerce.number().int().min(0).default(1) }), request.query);
        await control.struck(Number(request.params.id), hits);
        return reply.status(204).send();
    });
    server.put("/_control/denied-actions", (request, reply) => {
        const body = z.strictObject({ actions: z.array(z.string()), clientId: z.string().optional() });
        const { actions, clientId } = parse(body, request.body);
        control.denyActions(actions, clientId);
        return reply.status(204).send();
    });
    server.put("/_control/kubernetes-versions", (request, reply) => {
        control.setKubernetesVersions(parse(kubernetesVersions, request.body));
        return reply.status(204).send();
    });
    server.put("/_control/api-versions", (request, reply) => {
        const body = z.strictObject({ versions: z.array(z.string()).nullable() });
        control.setApiVersions(parse(body, request.body).versions ?? undefined);
        return reply.status(204).send();
    });
    server.put("/_control/token-lifetime", (request, reply) => {
        control.setTokenLifetime(parse(z.strictObject({ seconds: z.number() }), request.body).seconds);
        return reply.status(204).send();
    });
    server.put("/_control/clock-skew", (request, reply) => {
        control.setClockSkew(parse(z.strictObject({ seconds: z.number() }), request.body).seconds);
        return reply.status(204).send();
    });
    server.post("/_control/resources", (request, reply) => {
        const name = z.string().min(1);
        const body = z.strictObject({ type: z.string().regex(/^[\w.]+\/\w+$/), resourceGroup: name, name });
        const { type, ...ref } = parse(body, request.body);
        control.addResource(type, ref);
        return reply.status(201).send(ref);
    });
    server.post("/_control/clients", (_request, reply) => reply.status(201).send(control.addClient()));
}

/** Checks a body. @throws ArmError 400 */
export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
    const { success, data, error } = schema.safeParse(body);
    if (!success) {
        throw new ArmError(400, "InvalidRequestContent", z.prettifyError(error));
    }
    return data;
}
