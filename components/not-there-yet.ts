import * as pulumi from "@pulumi/pulumi";
import { NoSuchCluster } from "./credentials";

/** Makes the output that an `apply` returns it for unknown; the SDK's types do not say so. */
export const unknownText = pulumi.unknown as unknown as string;

/**
 * What is read of a cluster; unknown in a preview of a program that makes the cluster, where it is not there yet.
 *
 * @param opts of the resource that reads it
 */
export async function unknownUntilThere(reading: Promise<string>, opts?: pulumi.ResourceOptions): Promise<string> {
    try {
        return await reading;
    } catch (error) {
        if (pulumi.runtime.isDryRun() && error instanceof NoSuchCluster && (await comesAfterNew(opts))) {
            return unknownText;
        }
        throw error;
    }
}

/** What a resource can be told to come after. */
type Dependencies = pulumi.ResourceOptions["dependsOn"];

/**
 * Whether a preview is to create something that a resource comes after: by `dependsOn`, or as its parent. Then a cluster
 * that Azure does not know may be one that the same program makes, named in plain text. To be asked in a preview alone.
 *
 * @param opts the resource's own
 */
export async function comesAfterNew({ dependsOn, parent }: pulumi.ResourceOptions = {}): Promise<boolean> {
    // A component that is the parent has the resource itself among its children.
    const after = pulumi.CustomResource.isInstance(parent) ? [parent] : [];
    return isAnyNew([...after, ...(await resourcesOf(dependsOn))]);
}

/** As the SDK gathers them: promises and outputs, of one or of lists. An output that is not known has none. */
async function resourcesOf(dependencies: Dependencies): Promise<pulumi.Resource[]> {
    const given = pulumi.Output.isInstance(dependencies)
        ? await (dependencies as unknown as { promise(): Promise<Dependencies> }).promise()
        : await dependencies;
    if (Array.isArray(given)) {
        return (await Promise.all(given.map(resourcesOf))).flat();
    }
    return given === undefined ? [] : [given as pulumi.Resource];
}

/** A component stands for what is under it. The SDK keeps all that is asked here, but not in its types. */
interface Inner {
    __childResources?: Set<pulumi.Resource>;
    /** Made by a plugin, which alone knows what is under it. */
    __remote?: boolean;
}

async function isAnyNew(resources: Iterable<pulumi.Resource>): Promise<boolean> {
    const found = await Promise.all([...resources].map(isNew));
    return found.includes(true);
}

/** Whether a preview is to create it: it has no id then. Of what a plugin makes nobody can tell, so it may be. */
async function isNew(resource: pulumi.Resource): Promise<boolean> {
    if (pulumi.CustomResource.isInstance(resource)) {
        return (await (resource.id as { isKnown?: Promise<boolean> }).isKnown) === false;
    }
    const { __childResources: children = [], __remote: isRemote = false } = resource as Inner;
    return isRemote || isAnyNew(children);
}
