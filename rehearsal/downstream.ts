import type { KubernetesObject } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation";

/** A Kubernetes object that a stack manages. */
export interface Downstream {
    urn: string;
    /** The UID that the API server has given it: another one is another object. */
    uid: string | undefined;
}

interface StateResource {
    urn: string;
    type: string;
    outputs?: KubernetesObject;
}

/** The Kubernetes objects in a stack's state, by URN, with the UIDs that a cluster tells of them now. */
export async function downstreamOf(
    stack: Stack,
    read: (object: KubernetesObject) => Promise<KubernetesObject>,
): Promise<Downstream[]> {
    const { deployment } = await stack.exportStack();
    const resources: StateResource[] = deployment?.resources ?? [];
    const objects = resources
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .sort((one, other) => (one.urn < other.urn ? -1 : 1));
    return Promise.all(
        objects.map(async ({ urn, outputs }) => ({
            urn,
            uid: outputs === undefined ? undefined : (await read(outputs)).metadata?.uid,
        })),
    );
}
