import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { ArmError, noOperation } from "./arm-error";
import type { Gate } from "./arm-routes";
import type { Cloud } from "./cloud";
import type { Cluster } from "./cluster";
import { clusterKind } from "./cluster-kind";
import { registerCommandRoutes } from "./command-routes";
import { versionsDocument } from "./kubernetes-versions";
import { managedCluster } from "./managed-cluster";
import type { Operation } from "./operation";
import { sendOperation } from "./operation-routes";

const CLUSTERS =
    "/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ContainerService/managedClusters";
const ACTION = "Microsoft.ContainerService/managedClusters";

type InGroup = { Params: { subscription: string; group: string } };
type OfCluster = { Params: { subscription: string; group: string; name: string } };

const tags = z.record(z.string(), z.string()).nullish();
const putBody = z.object({
    location: z.string(),
    tags,
    properties: z.object({ kubernetesVersion: z.string().optional(), ...clusterKind.shape }).nullish(),
});
const patchBody = z.object({ tags });

// Azure does not mind the case of these words.
const credentialQuery = z.object({
    format: z
        .string()
        .toLowerCase()
        .pipe(z.enum(["exec", "azure"]))
        .optional(),
    "server-fqdn": z
        .string()
        .toLowerCase()
        .pipe(z.enum(["public", "private"]))
        .optional(),
});

/** Registers managed clusters. */
export function registerClusterRoutes(arm: FastifyInstance, cloud: Cloud, gate: Gate, url: () => string): void {
    const find = ({ group, name }: OfCluster["Params"]) => cloud.cluster({ resourceGroup: group, name });
    const began = (operation: Operation, reply: FastifyReply) => sendOperation(operation, cloud, url(), reply);

    arm.get("/subscriptions/:subscription/providers/Microsoft.ContainerService/managedClusters", (request) => {
        gate.allow(request, `${ACTION}/read`);
        return { value: cloud.clusters().map((cluster) => managedCluster(cloud, cluster)) };
    });
    arm.get<InGroup>(CLUSTERS, (request) => {
        gate.allow(request, `${ACTION}/read`);
        const group = cloud.resourceGroup(request.params.group);
        return { value: cloud.clusters(group.name).map((cluster) => managedCluster(cloud, cluster)) };
    });
    arm.get<OfCluster>(`${CLUSTERS}/:name`, (request) => {
        gate.allow(request, `${ACTION}/read`);
        return managedCluster(cloud, find(request.params));
    });
    // Whoever may read nothing may still ask what he may do.
    arm.get<OfCluster>(`${CLUSTERS}/:name/providers/Microsoft.Authorization/permissions`, (request) => {
        find(request.params);
        return { value: [{ actions: ["*"], notActions: gate.denied(request), dataActions: [], notDataActions: [] }] };
    });
    arm.get(
        "/subscriptions/:subscription/providers/Microsoft.ContainerService/locations/:location/kubernetesVersions",
        (request) => {
            gate.allow(request, "Microsoft.ContainerService/locations/kubernetesVersions/read");
            return versionsDocument(cloud.kubernetesVersions);
        },
    );
    arm.put<OfCluster>(`${CLUSTERS}/:name`, async (request, reply) => {
        gate.allow(request, `${ACTION}/write`);
        const { group: resourceGroup, name } = request.params;
        const { location, tags, properties } = parse(putBody, request.body);
        const { kubernetesVersion, ...kind } = properties ?? {};
        const existing = cloud.findCluster({ resourceGroup, name });
        if (existing) {
            const operation = update(existing, tags ?? {}, kubernetesVersion);
            began(operation, reply);
            return managedCluster(cloud, existing);
        }
        const options = { resourceGroup, name, location, kubernetesVersion, tags: tags ?? {}, ...kind };
        const { cluster, operation } = await cloud.create(options);
        began(operation, reply);
        reply.status(201);
        return managedCluster(cloud, cluster);
    });
    arm.patch<OfCluster>(`${CLUSTERS}/:name`, (request, reply) => {
        gate.allow(request, `${ACTION}/write`);
        const cluster = find(request.params);
        const { tags } = parse(patchBody, request.body);
        began(update(cluster, tags ?? {}), reply);
        return managedCluster(cloud, cluster);
    });
    arm.delete<OfCluster>(`${CLUSTERS}/:name`, (request, reply) => {
        gate.allow(request, `${ACTION}/delete`);
        const { group: resourceGroup, name } = request.params;
        cloud.resourceGroup(resourceGroup);
        const cluster = cloud.findCluster({ resourceGroup, name });
        if (!cluster) {
            return reply.status(204).send();
        }
        began(cloud.delete(cluster), reply);
        return reply.status(202).send();
    });
    for (const [path, role, kubeconfigName] of [
        ["listClusterUserCredential", "user", "clusterUser"],
        ["listClusterAdminCredential", "admin", "clusterAdmin"],
    ] as const) {
        arm.post<OfCluster>(`${CLUSTERS}/:name/${path}`, (request) => {
            gate.allow(request, `${ACTION}/${path}/action`);
            const { format, "server-fqdn": fqdn } = parse(credentialQuery, request.query);
            const value = Buffer.from(find(request.params).kubeconfig(role, format, fqdn)).toString("base64");
            return { kubeconfigs: [{ name: kubeconfigName, value }] };
        });
    }
    registerCommandRoutes(arm, cloud, gate, url);
    // What az aks operation-abort calls. Its own operation is not shown: its end is that of the other one.
    arm.post<OfCluster>(`${CLUSTERS}/:name/abort`, (request, reply) => {
        gate.allow(request, `${ACTION}/abort/action`);
        const cluster = find(request.params);
        if (cluster.operation === undefined) {
            throw noOperation();
        }
        void cluster.endOperation("Canceled");
        return reply.status(202).send();
    });
    const actions: Record<string, (cluster: Cluster) => Operation> = {
        rotateClusterCertificates: (cluster) => cluster.rotate(false),
        start: (cluster) => cluster.setPower("Running"),
        stop: (cluster) => cluster.setPower("Stopped"),
    };
    for (const [path, act] of Object.entries(actions)) {
        arm.post<OfCluster>(`${CLUSTERS}/:name/${path}`, (request, reply) => {
            gate.allow(request, `${ACTION}/${path}/action`);
            began(act(find(request.params)), reply);
            return reply.status(202).send();
        });
    }
}

function update(
    cluster: Cluster,
    tags: Record<string, string>,
    kubernetesVersion = cluster.kubernetesVersion,
): Operation {
    const state = kubernetesVersion === cluster.kubernetesVersion ? "Updating" : "Upgrading";
    const operation = cluster.begin(state, cluster.settings.operationSeconds, async () => undefined);
    cluster.tags = tags;
    cluster.kubernetesVersion = kubernetesVersion;
    return operation;
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
    const { success, data, error } = schema.safeParse(body);
    if (!success) {
        throw new ArmError(400, "InvalidRequestContent", `The request content was invalid: ${z.prettifyError(error)}`);
    }
    return data;
}
