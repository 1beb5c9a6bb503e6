import * as pulumi from "@pulumi/pulumi";
import { NoSuchCluster } from "./credentials";
import { unknownText } from "./unknown";

/**
 * What is read of a cluster; unknown in a preview where the cluster is not there, and the program may make it.
 *
 * @param opts of the resource that reads it
 * @throws Error when there is no such cluster, and nothing that may make it
 */
export async function unknownUntilThere(reading: Promise<string>, opts?: pulumi.ResourceOptions): Promise<string> {
    try {
        return await reading;
    } catch (error) {
        if (!(error instanceof NoSuchCluster)) {
            throw error;
        }
        const before = await comesAfter(opts);
        if (pulumi.runtime.isDryRun() && before === "new") {
            return unknownText;
        }
        throw new Error(`${error.message}\n${error.otherKind ?? hints[before]}`);
    }
}

const hints = {
    nothing: "If this program makes it, the component must come after it: give it `dependsOn: cluster`.",
    there: "What the component depends on is there, and is not this cluster: check the names and the subscription.",
    new: "What the component depends on has not made it: check the names and the subscription there and here.",
} as const;

/** What a resource can be told to come after. */
type Dependencies = pulumi.ResourceOptions["dependsOn"];

/**
 * What a resource comes after, by `dependsOn` or as its parent: nothing, something that is all there, or something that
 * the run may create. Then a cluster that Azure does not know may be one that the same program makes, named in plain text.
 *
 * @param opts the resource's own
 */
export async function comesAfter({ dependsOn, parent }: pulumi.ResourceOptions = {}): Promise<keyof typeof hints> {
    const before = await resourcesOf(dependsOn);
    // A component that is the parent has the resource itself among its children.
    const after = pulumi.CustomResource.isInstance(parent) ? [...before, parent] : before;
    if (after.length === 0) {
        return "nothing";
    }
    return (await isAnyNew(after)) ? "new" : "there";
}

/** As the SDK gathers them: promises and outputs, of one or of lists; `undefined` stands for what is not known yet. */
async function resourcesOf(dependencies: Dependencies): Promise<(pulumi.Resource | undefined)[]> {
    if (pulumi.Output.isInstance(dependencies)) {
        const output = dependencies as unknown as { promise(): Promise<Dependencies>; isKnown: Promise<boolean> };
        const given = await output.promise();
        return (await output.isKnown) ? resourcesOf(given) : [undefined];
    }
    const given = await dependencies;
    if (Array.isArray(given)) {
        return (await Promise.all(given.map(resourcesOf))).flat();
    }
    return given === undefined ? [] : [given as pulumi.Resource];
}

/** The SDK keeps all that is asked here, but not in its types. */
interface Inner {
    __pulumiType?: string;
    /** What is under a component, which stands for that. */
    __childResources?: Set<pulumi.Resource>;
    /** Made by a plugin, which alone knows what is under it. */
    __remote?: boolean;
    /** Undefined of a resource that is known by its URN alone. */
    id?: { isKnown?: Promise<boolean> };
}

async function isAnyNew(resources: Iterable<pulumi.Resource | undefined>): Promise<boolean> {
    const found = await Promise.all([...resources].map(isNew));
    return found.includes(true);
}

/**
 * Whether a run may create a resource. An id that a preview knows proves only of Azure's resources that they are there:
 * other plugins, such as command, give new ones an id in a preview already.
 */
async function isNew(resource: pulumi.Resource | undefined): Promise<boolean> {
    if (resource === undefined) {
        return true;
    }
    const { __pulumiType: type = "", __childResources: children = [], __remote: isRemote, id } = resource as Inner;
    if (pulumi.CustomResource.isInstance(resource)) {
        return !/^azure(-native)?[:_]/.test(type) || (await id?.isKnown) === false;
    }
    return isRemote === true || isAnyNew(children);
}
