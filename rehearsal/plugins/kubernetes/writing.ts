/** Making, changing and deleting one object, and waiting for it. */
import type { ResourceCall } from "../protocol/plugin";
import { isProperties, type Properties } from "../protocol/values";
import { StatusError } from "./connection";
import { identityOf, metadataOf, type Objects, type WriteOptions } from "./objects";
import { annotationOf, patienceFor, untilGone, untilReady, type Waiting } from "./wait";

function waiting(objects: Objects, object: Properties, call: ResourceCall, timeout: number): Waiting {
    return {
        objects,
        patience: patienceFor(object, timeout),
        signal: call.signal,
        status: (text) => call.log("info", text, true),
    };
}

/** Waits for what was just written, unless the object says not to; returns it as it is then. */
export async function settle(
    objects: Objects,
    written: Properties,
    call: ResourceCall,
    timeout: number,
): Promise<Properties> {
    if (annotationOf(written, "skipAwait") === "true") {
        return written;
    }
    return await untilReady(written, waiting(objects, written, call, timeout));
}

/** Which entry of the object's managed fields says that `manager` wrote it otherwise than by apply; -1 if none does. */
function writtenByUpdate(live: Properties, manager: string): number {
    const { managedFields } = metadataOf(live);
    const entries = (Array.isArray(managedFields) ? managedFields : []).filter(isProperties);
    const ours = (operation: string) =>
        entries.findIndex((entry) => entry.manager === manager && entry.operation === operation && !entry.subresource);
    return ours("Apply") === -1 ? ours("Update") : -1;
}

/** How often an owner is taken over anew because the object has changed meanwhile. */
const takeovers = 5;

/**
 * Makes what `manager` wrote by update its own by apply, so that a later apply removes what it no longer has.
 *
 * Controllers write the object too (a Deployment's status, say); then it is read and tried again.
 */
async function takeOver(objects: Objects, live: Properties, manager: string, signal?: AbortSignal): Promise<void> {
    const identity = identityOf(live);
    let seen: Properties | undefined = live;
    for (let left = takeovers; seen; left--) {
        const entry = writtenByUpdate(seen, manager);
        const { resourceVersion } = metadataOf(seen);
        if (entry === -1) {
            return;
        }
        try {
            await objects.patch(identity, [
                { op: "test", path: "/metadata/resourceVersion", value: resourceVersion ?? null },
                { op: "replace", path: `/metadata/managedFields/${entry}/operation`, value: "Apply" },
            ]);
            return;
        } catch (error) {
            seen = await objects.read(identity, signal);
            // A failed test is answered by 422, as is much else; only the object itself tells which it was.
            if (left === 1 || !seen || metadataOf(seen).resourceVersion === resourceVersion) {
                throw error;
            }
        }
    }
}

/**
 * Changes an object that is there to what `wanted` says: what the last inputs had and these lack is removed, what others
 * have set stays.
 *
 * An object is created by a plain POST, which fails where there is one already, and changed by server-side apply, which
 * counts as another owner. So the first change takes the fields over from the first owner.
 */
export async function change(objects: Objects, wanted: Properties, options: WriteOptions): Promise<Properties> {
    const identity = identityOf(wanted);
    const live = await objects.read(identity, options.signal);
    if (!live) {
        throw new StatusError(404, "NotFound", `${identity.kind} "${identity.name}" not found`);
    }
    if (identity.kind === "CustomResourceDefinition") {
        const { resourceVersion } = metadataOf(live);
        const metadata = { ...metadataOf(wanted), ...(resourceVersion !== undefined && { resourceVersion }) };
        return await objects.replace({ ...wanted, metadata }, options);
    }
    if (!options.dryRun) {
        await takeOver(objects, live, options.fieldManager, options.signal);
    }
    const force =
        annotationOf(wanted, "patchForce") === "true" ||
        process.env.PULUMI_K8S_ENABLE_PATCH_FORCE === "true" ||
        (options.dryRun === true && writtenByUpdate(live, options.fieldManager) !== -1);
    return await objects.apply(wanted, { ...options, force });
}

const policies: Record<string, string> = { background: "Background", orphan: "Orphan", foreground: "Foreground" };

/** Deletes an object, its dependents first, and waits until it is gone; one that is gone already is no error. */
export async function remove(objects: Objects, live: Properties, call: ResourceCall, timeout: number): Promise<void> {
    const policy = annotationOf(live, "deletionPropagationPolicy")?.toLowerCase() ?? "foreground";
    if (await objects.delete(identityOf(live), policies[policy] ?? "Foreground")) {
        await untilGone(live, waiting(objects, live, call, timeout));
    }
}
