import type { FastifyInstance, FastifyRequest } from "fastify";
import {
    authorizationFailed,
    missingApiVersion,
    noRegisteredProvider,
    resourceNotFound,
    subscriptionNotFound,
} from "./arm-error";
import type { Client } from "./clients";
import type { Cloud, ResourceGroup } from "./cloud";
import { registerClusterRoutes } from "./cluster-routes";
import { resourceId } from "./managed-cluster";
import { registerOperationRoutes } from "./operation-routes";
import type { SignIn } from "./sign-in";

/** Requests to the API of managed clusters, whose versions differ from cloud to cloud. */
const OF_AKS =
    /\/providers\/Microsoft\.ContainerService\/(managedClusters|locations\/[^/]+\/kubernetesVersions)(?!.*Microsoft\.Authorization)/i;

/** What every request to Azure Resource Manager is asked first. */
export class Gate {
    readonly #clients = new WeakMap<FastifyRequest, Client>();

    constructor(
        private readonly cloud: Cloud,
        private readonly signIn: SignIn,
    ) {}

    /** @throws ArmError: who are you, which version of the API, which subscription. */
    async enter(request: FastifyRequest): Promise<void> {
        this.#clients.set(request, await this.signIn.authenticate(request.headers.authorization));
        const { "api-version": version } = request.query as Record<string, string | undefined>;
        if (!version) {
            throw missingApiVersion();
        }
        const { apiVersions } = this.cloud;
        if (apiVersions !== undefined && OF_AKS.test(request.url) && !apiVersions.includes(version)) {
            throw noRegisteredProvider(version, apiVersions);
        }
        const { subscription } = request.params as { subscription?: string };
        if (subscription !== undefined && subscription.toLowerCase() !== this.cloud.subscriptionId) {
            throw subscriptionNotFound(subscription);
        }
    }

    /** Actions that the client may not do, lower case. */
    denied(request: FastifyRequest): string[] {
        return [...(this.#clients.get(request)?.denied ?? [])];
    }

    /** @throws ArmError 403 if the client may not do this. */
    allow(request: FastifyRequest, action: string): void {
        const client = this.#clients.get(request);
        if (client?.denied.has(action.toLowerCase())) {
            const scope = request.url.split("?")[0] ?? "";
            const end = scope.search(
                /\/(rotateClusterCertificates|listCluster\w+Credential|runCommand|commandResults\/[^/]+|start|stop|abort)$/i,
            );
            const resource = end < 0 ? scope : scope.slice(0, end);
            throw authorizationFailed(client.clientId, client.objectId, action, resource);
        }
    }
}

type Group = { Params: { subscription: string; group: string }; Body: Partial<ResourceGroup> | undefined };

/** Registers Azure Resource Manager. */
export function registerArm(server: FastifyInstance, cloud: Cloud, signIn: SignIn, url: () => string): void {
    const gate = new Gate(cloud, signIn);
    server.register(async (arm) => {
        arm.addHook("onRequest", (request) => gate.enter(request));
        registerSubscriptions(arm, cloud);
        registerResourceGroups(arm, cloud, gate);
        registerClusterRoutes(arm, cloud, gate, url);
        registerOperationRoutes(arm, cloud, url);
        registerOthers(arm, cloud, gate);
    });
}

function registerSubscriptions(arm: FastifyInstance, cloud: Cloud): void {
    const tenant = {
        id: `/tenants/${cloud.tenantId}`,
        tenantId: cloud.tenantId,
        displayName: "Local AKS",
        defaultDomain: "local.aks",
        tenantCategory: "Home",
        tenantType: "AAD",
    };
    const subscription = {
        id: `/subscriptions/${cloud.subscriptionId}`,
        subscriptionId: cloud.subscriptionId,
        tenantId: cloud.tenantId,
        displayName: "Local AKS",
        state: "Enabled",
        authorizationSource: "RoleBased",
        managedByTenants: [],
        subscriptionPolicies: { locationPlacementId: "Public_2014-09-01", quotaId: "Local", spendingLimit: "Off" },
    };
    arm.get("/tenants", () => ({ value: [tenant] }));
    arm.get("/subscriptions", () => ({ value: [subscription], count: { type: "Total", value: 1 } }));
    arm.get("/subscriptions/:subscription", () => subscription);
}

function registerResourceGroups(arm: FastifyInstance, cloud: Cloud, gate: Gate): void {
    const groups = "/subscriptions/:subscription/resourceGroups";
    const document = ({ name, location, tags }: ResourceGroup) => ({
        id: `/subscriptions/${cloud.subscriptionId}/resourceGroups/${name}`,
        name,
        type: "Microsoft.Resources/resourceGroups",
        location,
        tags,
        properties: { provisioningState: "Succeeded" },
    });
    arm.get<Group>(groups, (request) => {
        gate.allow(request, "Microsoft.Resources/subscriptions/resourceGroups/read");
        return { value: [...cloud.resourceGroups.values()].map(document) };
    });
    arm.get<Group>(`${groups}/:group`, (request) => {
        gate.allow(request, "Microsoft.Resources/subscriptions/resourceGroups/read");
        return document(cloud.resourceGroup(request.params.group));
    });
    arm.put<Group>(`${groups}/:group`, (request, reply) => {
        gate.allow(request, "Microsoft.Resources/subscriptions/resourceGroups/write");
        const key = request.params.group.toLowerCase();
        const before = cloud.resourceGroups.get(key);
        const { location = "westeurope", tags = {} } = request.body ?? {};
        const group = { name: before?.name ?? request.params.group, location: before?.location ?? location, tags };
        cloud.resourceGroups.set(key, group);
        reply.status(before ? 200 : 201);
        return document(group);
    });
}

type Other = { Params: { subscription: string; group: string; name: string } };

/** Kubernetes in Azure that is no managed cluster: there is nothing to know of it but that it is there. */
function registerOthers(arm: FastifyInstance, cloud: Cloud, gate: Gate): void {
    for (const type of ["Microsoft.Kubernetes/connectedClusters", "Microsoft.ContainerService/fleets"]) {
        const path = `/subscriptions/:subscription/resourceGroups/:group/providers/${type}/:name`;
        arm.get<Other>(path, (request) => {
            gate.allow(request, `${type}/read`);
            const { group, name } = request.params;
            const id = resourceId(cloud, group, type, name);
            if (!cloud.others.has(id.toLowerCase())) {
                cloud.resourceGroup(group);
                throw resourceNotFound(group, type, name);
            }
            return { id, name, type, location: "westeurope", properties: { provisioningState: "Succeeded" } };
        });
    }
}
