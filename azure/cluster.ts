import type { ManagedCluster as AzureCluster } from "@azure/arm-containerservice";
import type { ContainerServiceContext } from "@azure/arm-containerservice/api";
import {
    get,
    listKubernetesVersions,
    rotateClusterCertificates,
} from "@azure/arm-containerservice/api/managedClusters";
import { isRestError, RestError } from "@azure/core-rest-pipeline";
import * as z from "zod/mini";
import { type Kubeconfig, parseKubeconfig } from "../formats/kubeconfig";
import { bodyOf } from "./arm-error";
import { askForKubeconfig } from "./ask-for-kubeconfig";
import { classifyOperation, classifyOperationError, isOperationInProgress, type OperationError } from "./azure-errors";
import { client, readingClient } from "./client";
import type { Cloud } from "./cloud";
import type { ClusterNames } from "./cluster-names";
import { isAbort, isTransient } from "./explain";
import type { Permission } from "./permission";
import { retryAfterSeconds } from "./retry-after";
import { type CommandOutcome, runInCluster } from "./run-command";
import type { SignIn } from "./sign-in";
import { wholeAnswers } from "./unanswered";

/** What Azure Resource Manager says of a cluster. */
export interface ManagedCluster {
    /** Another one is another cluster under the same name. Undefined where Azure gives none, as for old clusters. */
    resourceUID: string | undefined;
    /** Changes whenever the cluster is changed. */
    eTag: string | undefined;
    provisioningState: string;
    stopped: boolean;
    /** What a preflight looks at beside these. */
    details?: ClusterDetails;
}

/** What a preflight looks at. Undefined where Azure does not say. */
export interface ClusterDetails {
    location: string;
    /** Kubernetes version of the control plane, such as 1.36.3. */
    kubernetesVersion: string | undefined;
    /** `KubernetesOfficial` or `AKSLongTermSupport`. */
    supportPlan: string | undefined;
    nodePools: NodePool[];
}

/** A node pool. */
export interface NodePool {
    name: string;
    provisioningState: string | undefined;
    /** Nodes that are added in an upgrade: a number, or a percentage. */
    maxSurge: string | undefined;
    /** Nodes that may be missing in an upgrade: a number, or a percentage. */
    maxUnavailable: string | undefined;
}

/** A minor version of Kubernetes that AKS has in a location. */
export interface KubernetesVersion {
    /** Such as 1.36. */
    version: string;
    isPreview: boolean;
    /** Under which plans it is supported. */
    supportPlans: string[];
    /** Its patch versions, such as 1.36.3. */
    patches: string[];
}

/** What came of a request to start a rotation. */
export type Start =
    | { answer: "accepted"; operation?: string; correlationId?: string }
    /** Another operation runs, or Azure asks for patience: nothing was started. */
    | { answer: "busy"; message: string; waitSeconds: number | undefined }
    /** There was no answer, or none that tells: it may have been started. */
    | { answer: "none"; error: Error };

/** One managed cluster in Azure Resource Manager, by the Azure SDK. */
export class Azure {
    private readonly reads: ContainerServiceContext;
    private readonly actions: ContainerServiceContext;

    constructor(
        private readonly names: ClusterNames,
        private readonly cloud: Cloud,
        signIn: SignIn,
    ) {
        this.reads = readingClient(names.subscriptionId, cloud, signIn);
        // Sent twice, a request to rotate could rotate twice: whether to send it again is for `decide` to say.
        this.actions = client(names.subscriptionId, cloud, signIn, {
            retryOptions: { maxRetries: 0 },
            additionalPolicies: [wholeAnswers],
        });
    }

    /**
     * The cluster as it is now; undefined when there is none.
     *
     * @throws RestError, AuthenticationError
     */
    async look(abortSignal: AbortSignal): Promise<ManagedCluster | undefined> {
        const { resourceGroupName, clusterName } = this.names;
        try {
            const cluster = await get(this.reads, resourceGroupName, clusterName, { abortSignal });
            return managedCluster(cluster);
        } catch (error) {
            if (isNotFound(error)) {
                return undefined;
            }
            throw error;
        }
    }

    /**
     * The credentials that Azure hands out now.
     *
     * @throws RestError, AuthenticationError; Error when there are none, or they have no CA
     */
    async credentials(abortSignal: AbortSignal): Promise<Kubeconfig> {
        return parseKubeconfig(await askForKubeconfig(this.reads, this.names, abortSignal));
    }

    /**
     * What whoever signed in may do with the cluster.
     *
     * @throws RestError, AuthenticationError
     */
    async permissions(abortSignal: AbortSignal): Promise<Permission[]> {
        const { host } = new URL(this.cloud.resourceManager);
        const permissions: Permission[] = [];
        const first = `${this.cloud.resourceManager}${this.names.clusterId}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
        let next: string | undefined = first;
        while (next !== undefined) {
            const page: z.output<typeof Permissions> = await this.permissionsPage(next, abortSignal);
            permissions.push(...page.value);
            // A token goes to no other host.
            next = page.nextLink && new URL(page.nextLink).host === host ? page.nextLink : undefined;
        }
        return permissions;
    }

    private async permissionsPage(url: string, abortSignal: AbortSignal) {
        const { status, body } = await this.reads.pathUnchecked(url).get({ abortSignal });
        if (status !== "200") {
            throw refusal(status, body);
        }
        return Permissions.parse(body);
    }

    /**
     * The versions of Kubernetes that AKS has in a location.
     *
     * @throws RestError, AuthenticationError
     */
    async kubernetesVersions(location: string, abortSignal: AbortSignal): Promise<KubernetesVersion[]> {
        const { values = [] } = await listKubernetesVersions(this.reads, location, { abortSignal });
        return values.map(({ version = "", isPreview = false, capabilities, patchVersions = {} }) => ({
            version,
            isPreview,
            supportPlans: capabilities?.supportPlan ?? [],
            patches: Object.keys(patchVersions),
        }));
    }

    /**
     * Asks Azure, once, to rotate the cluster's certificates.
     *
     * @throws RestError when Azure refuses for good, AuthenticationError
     */
    async startRotation(abortSignal: AbortSignal): Promise<Start> {
        const { resourceGroupName, clusterName } = this.names;
        let operation: string | undefined;
        let correlationId: string | undefined;
        try {
            await rotateClusterCertificates(this.actions, resourceGroupName, clusterName, {
                abortSignal,
                onResponse: ({ headers }) => {
                    operation = headers.get("azure-asyncoperation") ?? headers.get("location");
                    correlationId = headers.get("x-ms-correlation-request-id");
                },
            }).submitted();
            return { answer: "accepted", operation, correlationId };
        } catch (error) {
            const status = isRestError(error) ? error.statusCode : undefined;
            if (status === 429 || (status === 409 && isOperationInProgress(bodyOf(error as RestError)))) {
                const { message, response } = error as RestError;
                return {
                    answer: "busy",
                    message,
                    waitSeconds: retryAfterSeconds(response?.headers.get("retry-after"), clockOf(response)),
                };
            }
            if (isUnanswered(error)) {
                return { answer: "none", error: error as Error };
            }
            // Whoever has no token has sent nothing.
            if (!isRestError(error) && isTransient(error)) {
                return { answer: "busy", message: (error as Error).message, waitSeconds: undefined };
            }
            throw error;
        }
    }

    /**
     * Runs a shell command in a pod of the cluster, and waits for its end.
     *
     * @param clusterToken for a cluster with Microsoft Entra ID: the token of the user as whom it runs
     * @throws CommandNotRun when AKS could not run it; RunCommandUnavailable when it answers 5xx; RestError when Azure refuses, AuthenticationError
     */
    runCommand(command: string, clusterToken: string | undefined, abortSignal: AbortSignal): Promise<CommandOutcome> {
        return runInCluster(
            { once: this.actions, reads: this.reads },
            this.names,
            { command, clusterToken },
            abortSignal,
        );
    }

    /**
     * What Azure says went wrong with an operation, read and classified; undefined where it does not say.
     *
     * @param operation the operation's URL; one of another host is not asked, since a token would be sent there
     * @throws RestError, AuthenticationError
     */
    async operationError(operation: string, abortSignal: AbortSignal): Promise<OperationError | undefined> {
        if (new URL(operation).host !== new URL(this.cloud.resourceManager).host) {
            return undefined;
        }
        const { status, body } = await this.reads.pathUnchecked(operation).get({ abortSignal });
        if (status === "200") {
            return classifyOperation(body);
        }
        // An operation's result, the other of its two URLs, is the error itself.
        const isItsResult = /\/operationresults\//i.test(new URL(operation).pathname);
        return isItsResult && (status === "409" || status === "500") ? classifyOperationError(body) : undefined;
    }
}

/** What counts of a cluster as Azure answers it. */
export function managedCluster(cluster: AzureCluster): ManagedCluster {
    const { resourceUID, eTag, provisioningState, powerState } = cluster;
    return {
        resourceUID: resourceUID || undefined,
        eTag,
        provisioningState: provisioningState ?? "",
        stopped: powerState?.code === "Stopped",
        details: {
            location: cluster.location,
            kubernetesVersion: cluster.currentKubernetesVersion ?? cluster.kubernetesVersion,
            supportPlan: cluster.supportPlan,
            nodePools: (cluster.agentPoolProfiles ?? []).map((pool) => ({
                name: pool.name,
                provisioningState: pool.provisioningState,
                maxSurge: pool.upgradeSettings?.maxSurge,
                maxUnavailable: pool.upgradeSettings?.maxUnavailable,
            })),
        },
    };
}

/** Whether an error says that there is no cluster of that name, rather than no resource group or subscription. */
export function isNotFound(error: unknown): boolean {
    return isRestError(error) && error.statusCode === 404 && error.code === "ResourceNotFound";
}

const Permissions = z.object({
    value: z.array(z.object({ actions: z.optional(z.array(z.string())), notActions: z.optional(z.array(z.string())) })),
    nextLink: z.nullish(z.string()),
});

/** The error of an answer that the SDK has not looked at. */
function refusal(status: string, body: unknown): RestError {
    const { code, message } = (body as { error?: { code?: string; message?: string } } | undefined)?.error ?? {};
    return new RestError(message ?? `it answered ${status}`, { code, statusCode: Number(status) });
}

/** The time of a server, as its answer tells it: this machine's clock can be another. Milliseconds since 1970. */
function clockOf(response: RestError["response"]): number {
    const time = Date.parse(response?.headers.get("date") ?? "");
    return Number.isFinite(time) ? time : Date.now();
}

/**
 * Neither a yes nor a no: the connection broke, or the service did, perhaps after it had accepted. A gateway that says
 * 408 may have passed the request on.
 */
function isUnanswered(error: unknown): boolean {
    if (!isRestError(error)) {
        return isAbort(error);
    }
    const { statusCode } = error;
    return isAbort(error) || statusCode === undefined || statusCode === 408 || statusCode >= 500;
}
