/** What there is to know of kinds without asking an API server. */

/** A kind of object: `{apiVersion: "apps/v1", kind: "Deployment"}`. */
export interface Kind {
    apiVersion: string;
    kind: string;
}

const clusterScoped = new Set([
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "ComponentStatus",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "ServiceCIDR",
    "StorageClass",
    "StorageVersion",
    "StorageVersionMigration",
    "SubjectAccessReview",
    "TokenReview",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
]);

const builtInGroups = new Set(["", "apps", "autoscaling", "batch", "policy", "extensions"]);

/** The API group: `apps` of `apps/v1`, and nothing of `v1`. */
export function groupOf(apiVersion: string): string {
    return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

/** Whether Kubernetes itself brings the kind's group. */
export function isBuiltIn({ apiVersion }: Kind): boolean {
    const group = groupOf(apiVersion);
    return builtInGroups.has(group) || /^[a-z]+(\.[a-z]+)*\.k8s\.io$/.test(group);
}

/** Whether a kind that Kubernetes itself brings lives in namespaces; undefined for any other kind. */
export function isNamespaced(kind: Kind): boolean | undefined {
    return isBuiltIn(kind) ? !clusterScoped.has(kind.kind) : undefined;
}

/**
 * The kind that a resource type stands for: `kubernetes:core/v1:ConfigMap` is a `v1` `ConfigMap`.
 *
 * @throws Error for what the stand-in does not have: Helm, Kustomize, YAML, lists, and patches.
 */
export function kindOf(type: string): Kind {
    const [, module = "", kind = ""] = type.split(":");
    const [group, version] = module.split("/");
    if (!group || !version || /^(helm\.sh|kustomize|yaml)$/.test(group)) {
        throw new Error(`The stand-in for the kubernetes plugin makes single objects only, so no ${type}.`);
    }
    const result = { apiVersion: group === "core" ? version : module, kind };
    if (isBuiltIn(result) && kind.endsWith("List")) {
        throw new Error(
            "list resources exist for compatibility with YAML manifests and Helm charts, and cannot be created directly. Use the underlying resource type instead",
        );
    }
    if (isBuiltIn(result) && kind.endsWith("Patch")) {
        throw new Error(`The stand-in for the kubernetes plugin does not patch the objects of others, so no ${type}.`);
    }
    return result;
}

const podTemplate = [
    "affinity",
    "containers",
    "initContainers",
    "nodeName",
    "nodeSelector",
    "restartPolicy",
    "volumes",
];

/** What can only be changed by making a new object, by kind; paths without array indices. */
const fixed: Record<string, string[]> = {
    "v1 ConfigMap": ["binaryData", "data"],
    "v1 Secret": ["data", "stringData", "type"],
    "v1 Service": ["spec.clusterIP"],
    "v1 PersistentVolumeClaim": ["spec"],
    "v1 Pod": podTemplate.map((name) => `spec.${name}`),
    "apps/v1 Deployment": ["spec.selector"],
    "apps/v1 DaemonSet": ["spec.selector"],
    "apps/v1 StatefulSet": [
        "spec.podManagementPolicy",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ],
    "batch/v1 Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
    "rbac.authorization.k8s.io/v1 ClusterRoleBinding": ["roleRef"],
    "rbac.authorization.k8s.io/v1 RoleBinding": ["roleRef"],
    "storage.k8s.io/v1 StorageClass": ["parameters", "provisioner"],
};

/** Which ConfigMaps and Secrets are changed in place rather than replaced. */
export interface Mutable {
    configMaps: boolean;
    secrets: boolean;
}

/** The properties whose change makes a new object, the name and namespace of any object among them. */
export function fixedProperties({ apiVersion, kind }: Kind, immutable: boolean, mutable: Mutable): string[] {
    const key = `${apiVersion} ${kind}`;
    const identity = ["metadata.name", "metadata.namespace"];
    if (!immutable && ((key === "v1 ConfigMap" && mutable.configMaps) || (key === "v1 Secret" && mutable.secrets))) {
        return kind === "Secret" ? [...identity, "type"] : identity;
    }
    return [...identity, ...(fixed[key] ?? [])];
}
