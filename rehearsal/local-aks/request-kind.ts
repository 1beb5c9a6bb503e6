/** What a request can ask for. */
export const REQUEST_KINDS = [
    "metadata",
    "discovery",
    "token",
    "managedIdentity",
    "oidcIssuer",
    "tenants",
    "subscriptions",
    "resourceGroups",
    "listClusters",
    "getCluster",
    "putCluster",
    "patchCluster",
    "deleteCluster",
    "listClusterUserCredential",
    "listClusterAdminCredential",
    "rotateClusterCertificates",
    "runCommand",
    "commandResult",
    "start",
    "stop",
    "abort",
    "permissions",
    "kubernetesVersions",
    "operation",
    "operationResult",
    "apiServer",
    "apiServerConnection",
    "control",
    "other",
] as const;

/** What a request asks for. */
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** A request, understood. */
export interface Classified {
    kind: RequestKind;
    resourceGroup?: string;
    cluster?: string;
    operationId?: string;
}

const OF_CLUSTER: Record<string, RequestKind> = {
    GET: "getCluster",
    PUT: "putCluster",
    PATCH: "patchCluster",
    DELETE: "deleteCluster",
};

const POSTS: RequestKind[] = [
    "listClusterUserCredential",
    "listClusterAdminCredential",
    "rotateClusterCertificates",
    "runCommand",
    "start",
    "stop",
    "abort",
];

const PATTERNS: [RegExp, RequestKind][] = [
    [/^\/_control(\/|$)/i, "control"],
    [/^\/(metadata\/identity|_app-service)\//i, "managedIdentity"],
    [/^\/_oidc\//i, "oidcIssuer"],
    [/^\/metadata\//i, "metadata"],
    [/\/(\.well-known|discovery)\//i, "discovery"],
    [/^\/[^/]+\/oauth2\/(v2\.0\/)?token$/i, "token"],
    [/^\/tenants$/i, "tenants"],
    [/^\/subscriptions(\/[^/]+)?$/i, "subscriptions"],
    [/^\/subscriptions\/[^/]+\/resourcegroups(\/[^/]+)?$/i, "resourceGroups"],
    [/\/managedclusters$/i, "listClusters"],
    [/\/locations\/[^/]+\/kubernetesversions$/i, "kubernetesVersions"],
];

const CLUSTER =
    /^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerservice\/managedclusters\/([^/]+)(?:\/([^/]+)(?:\/[^/]+)?)?$/i;
const PERMISSIONS =
    /^(\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.containerservice\/managedclusters\/[^/]+)\/providers\/microsoft\.authorization\/permissions$/i;
const OPERATION =
    /\/providers\/microsoft\.containerservice\/locations\/[^/]+\/(operations|operationresults)\/([^/]+)$/i;

function ofAction(action: string): RequestKind | undefined {
    const isSame = (word: string) => word.toLowerCase() === action.toLowerCase();
    return isSame("commandResults") ? "commandResult" : POSTS.find(isSame);
}

/** Tells what a request to the local AKS is for, by its method and its path without the query. */
export function classify(method: string, path: string): Classified {
    const cluster = CLUSTER.exec(path);
    if (cluster) {
        const [, resourceGroup, name, action] = cluster.map((part) => part && decodeURIComponent(part));
        const kind = action ? ofAction(action) : OF_CLUSTER[method.toUpperCase()];
        return { kind: kind ?? "other", resourceGroup, cluster: name };
    }
    const permissions = PERMISSIONS.exec(path);
    if (permissions) {
        return { ...classify("GET", permissions[1] ?? ""), kind: "permissions" };
    }
    const operation = OPERATION.exec(path);
    if (operation) {
        const kind = operation[1]?.toLowerCase() === "operations" ? "operation" : "operationResult";
        return { kind, operationId: operation[2] };
    }
    return { kind: PATTERNS.find(([pattern]) => pattern.test(path))?.[1] ?? "other" };
}
