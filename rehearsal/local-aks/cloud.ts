import { randomUUID } from "node:crypto";
import type { ApiServer, BackendKind } from "./api-server";
import { ArmError, clusterNotFound, resourceGroupNotFound } from "./arm-error";
import { type Client, Clients } from "./clients";
import { Clock } from "./clock";
import { Cluster, type ClusterSurroundings } from "./cluster";
import type { ClusterOptions, ClusterRef } from "./cluster-options";
import type { Commands } from "./commands";
import { Faults } from "./faults";
import { IssuedSecrets } from "./issued-secrets";
import { OFFERED_VERSIONS, type OfferedVersion } from "./kubernetes-versions";
import type { Operation } from "./operation";
import { clusterKey, RequestLog } from "./request-log";

/** A resource group. */
export interface ResourceGroup {
    name: string;
    location: string;
    tags: Record<string, string>;
}

/** What a cloud is made with. */
export interface CloudOptions {
    /** For clusters that do not say otherwise. */
    rotationSeconds: number;
    /** Of clusters that are made through Azure's API. */
    backend: BackendKind;
    createApiServer(options: ClusterOptions): Promise<ApiServer>;
    /** Runs the commands of runCommand. */
    createCommands(clock: Clock): Commands;
    progress(line: string): void;
}

/** All that the local AKS knows: its tenants, one subscription, its resource groups, clusters, operations and clients. */
export class Cloud {
    readonly tenantId: string = randomUUID();
    readonly subscriptionId = randomUUID();
    readonly clock = new Clock();
    readonly secrets = new IssuedSecrets();
    /** All tenants that there are; the subscription is the first one's. */
    readonly tenants = new Set([this.tenantId]);
    /** Domains of tenants, lower case, by which they can be named too. */
    readonly domains = new Map<string, string>();
    readonly clients = new Clients(this.secrets, this.tenantId);
    /** The service principal that everybody is told of. */
    readonly client: Client = this.clients.add();
    readonly faults = new Faults();
    readonly log = new RequestLog();
    /** Versions of Kubernetes that it has, in every location. */
    kubernetesVersions: OfferedVersion[] = OFFERED_VERSIONS;
    /** The versions that the API of managed clusters has; undefined: any. */
    apiVersions: readonly string[] | undefined;
    readonly resourceGroups = new Map<string, ResourceGroup>();
    /** Ids, lower case, of resources of other types. */
    readonly others = new Set<string>();
    readonly #clusters = new Map<string, Cluster>();
    readonly #operations = new Map<string, Operation>();

    #closed = false;

    readonly commands: Commands;

    constructor(private readonly options: CloudOptions) {
        this.commands = options.createCommands(this.clock);
    }

    /** Makes a cluster, and its resource group if there is none, and waits until its API server is ready. */
    async addCluster(options: ClusterOptions): Promise<Cluster> {
        const { cluster, operation } = await this.provision(options, 0);
        if ((await operation.finished) !== "Succeeded") {
            const error = operation.error as { message?: string } | undefined;
            await this.remove(cluster);
            throw new Error(`The cluster ${options.name} could not be made: ${error?.message ?? operation.status}`);
        }
        return cluster;
    }

    /** Begins to make a cluster through an operation of at least so many seconds. */
    async provision(options: ClusterOptions, seconds: number): Promise<{ cluster: Cluster; operation: Operation }> {
        const key = clusterKey(options);
        this.#refuseTwin(key, options);
        this.#ensureResourceGroup(options.resourceGroup, options.location);
        const cluster = await Cluster.create(options, this.#surroundings());
        try {
            this.#refuseTwin(key, options);
        } catch (error) {
            await cluster.close();
            throw error;
        }
        this.#clusters.set(key, cluster);
        return { cluster, operation: cluster.provision(seconds) };
    }

    /** Makes a cluster through Azure's API, in a resource group that must be there. */
    create(options: Omit<ClusterOptions, "backend">): Promise<{ cluster: Cluster; operation: Operation }> {
        this.resourceGroup(options.resourceGroup);
        return this.provision({ ...options, backend: this.options.backend }, 1);
    }

    /** @throws ArmError 404 if the resource group or the cluster is not there. */
    cluster(ref: ClusterRef): Cluster {
        const cluster = this.#clusters.get(clusterKey(ref));
        if (!cluster) {
            this.resourceGroup(ref.resourceGroup);
            throw clusterNotFound(ref.resourceGroup, ref.name);
        }
        return cluster;
    }

    /** The cluster, if it is there. */
    findCluster(ref: ClusterRef): Cluster | undefined {
        return this.#clusters.get(clusterKey(ref));
    }

    /** All, or those of one resource group. */
    clusters(resourceGroup?: string): Cluster[] {
        const wanted = resourceGroup?.toLowerCase();
        return [...this.#clusters.values()].filter(
            ({ ref }) => wanted === undefined || ref.resourceGroup.toLowerCase() === wanted,
        );
    }

    /** @throws ArmError 404 if it is not there. */
    resourceGroup(name: string): ResourceGroup {
        const group = this.resourceGroups.get(name.toLowerCase());
        if (!group) {
            throw resourceGroupNotFound(name);
        }
        return group;
    }

    /** @throws ArmError 404 if it is not there. */
    operation(id: string): Operation {
        const operation = this.findOperation(id);
        if (!operation) {
            throw new ArmError(404, "NotFound", `The operation '${id}' was not found.`, "aks");
        }
        return operation;
    }

    findOperation(id: string): Operation | undefined {
        return this.#operations.get(id.toLowerCase());
    }

    /** Takes a cluster away at once, whatever runs on it. */
    async remove(cluster: Cluster): Promise<void> {
        if (this.findCluster(cluster.ref) === cluster) {
            this.#clusters.delete(clusterKey(cluster.ref));
        }
        await cluster.close();
    }

    /** Begins the deletion that Azure's API offers. */
    delete(cluster: Cluster): Operation {
        const operation = cluster.begin("Deleting", cluster.settings.operationSeconds, async () => undefined);
        void operation.finished.then((status) => (status === "Succeeded" ? this.remove(cluster) : undefined));
        return operation;
    }

    /** Ends all clusters. */
    async close(): Promise<void> {
        this.#closed = true;
        await this.commands.close();
        await Promise.all(this.clusters().map((cluster) => this.remove(cluster)));
    }

    #refuseTwin(key: string, { name, resourceGroup }: ClusterRef): void {
        if (this.#closed) {
            throw new ArmError(503, "ServiceUnavailable", "The local AKS has been closed.");
        }
        if (this.#clusters.has(key)) {
            const message = `There is a cluster ${name} in the resource group ${resourceGroup} already.`;
            throw new ArmError(409, "Conflict", message);
        }
    }

    #ensureResourceGroup(name: string, location = "westeurope"): void {
        const key = name.toLowerCase();
        if (!this.resourceGroups.has(key)) {
            this.resourceGroups.set(key, { name, location, tags: {} });
        }
    }

    #surroundings(): ClusterSurroundings {
        const { rotationSeconds, createApiServer, progress } = this.options;
        return {
            clock: this.clock,
            secrets: this.secrets,
            rotationSeconds,
            tenantId: this.tenantId,
            commands: this.commands,
            createApiServer,
            progress,
            register: (operation) => this.#operations.set(operation.id, operation),
        };
    }
}
