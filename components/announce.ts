import { AsyncLocalStorage } from "node:async_hooks";
import { getManagedCluster } from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { type Intent, parseIntent } from "../formats/intent";
import { parseRecord, type RotationRecord } from "../formats/record";
import { announcementOf, loweredText } from "./announcement";
import type { CheckedArguments } from "./arguments";

/** What the announcement of a component needs; it exists by the time the rotation Command runs. */
export interface Announced {
    args: pulumi.Output<CheckedArguments>;
    /** ARM id of the cluster, lower case. */
    clusterId: pulumi.Output<string>;
    /** Standard output of the intent Command. */
    intent: pulumi.Output<string>;
    /** Fingerprints of the cluster CA; in a preview those of today. */
    caFingerprints: () => pulumi.Output<string[]>;
    /** For reading the cluster. */
    invokeOptions: pulumi.InvokeOptions;
}

/**
 * Hooks for the rotation Command of a component, which log what the `up` does to the cluster: in a preview, and again in the
 * `up` before the Command runs. They see the record in the state, which a preview hides from the program where the Command is to
 * be updated. Nothing that goes wrong in them stops a run. The engine keeps their name in the state; since none of them is a
 * delete hook, `destroy` and `refresh` do not need the program for it.
 */
export function announcementHooks(component: pulumi.Resource, announced: Announced): pulumi.ResourceHookBinding {
    const beganAt = Date.now();
    // Pulumi's mocks, for programs under test, have no hooks and fail where one is registered.
    const monitor = pulumi.runtime.getMonitor() as { registerResourceHook?: unknown } | undefined;
    if (typeof monitor?.registerResourceHook !== "function") {
        return {};
    }
    const announce = async ({ oldOutputs }: pulumi.ResourceHookArgs) => {
        const recordText = oldOutputs && (await knownValue(pulumi.output<unknown>(oldOutputs.stdout)));
        const args = await knownValue(announced.args);
        const clusterId = await knownValue(announced.clusterId);
        if (args === undefined || clusterId === undefined) {
            return;
        }
        const record = oldOutputs && parseRecord(String(recordText));
        const { resourceGroupName, clusterName, rotationGeneration: generation } = args;
        const isRaised = record !== undefined && generation > record.generation;
        const intent = isRaised || record === undefined ? await knownIntent(announced.intent) : undefined;
        const resourceUID = isRaised && intent === undefined ? await changedUid(record, args, announced) : undefined;
        const { severity, text } = announcementOf({
            resourceGroupName,
            clusterName,
            clusterId,
            generation,
            record,
            intent,
            resourceUID,
            beganAt,
        });
        // An up says by itself that the generation was lowered, every time: see warnIfLowered.
        if (severity === "info" || pulumi.runtime.isDryRun()) {
            await pulumi.log[severity](text, component);
        }
    };
    // The engine calls a hook from outside of the run that it belongs to, of which a process can have several (inline programs).
    const inRun = AsyncLocalStorage.snapshot();
    const run = async (args: pulumi.ResourceHookArgs) => {
        const isDone = pulumi.runtime.rpcKeepAlive();
        const announcing = announce(args)
            .catch(({ message }: Error) => pulumi.log.debug(`no announcement: ${message}`, component))
            .finally(isDone);
        // In a preview the CA depends on the Command, which is registered when its hooks are done.
        if (!pulumi.runtime.isDryRun()) {
            await announcing;
        }
    };
    const hook = new pulumi.ResourceHook(hookName(component), (args) => inRun(run, args), {
        onDryRun: true,
        ignoreErrors: true,
    });
    return { beforeCreate: [hook], beforeUpdate: [hook] };
}

/** Warns where the generation is below that of the record. */
export function warnIfLowered(
    resource: pulumi.Resource,
    args: pulumi.Output<CheckedArguments>,
    record: pulumi.Output<RotationRecord>,
): void {
    pulumi.all([args, record]).apply(([{ rotationGeneration }, { generation }]) => {
        if (rotationGeneration < generation) {
            pulumi.log.warn(loweredText(rotationGeneration, generation), resource);
        }
    });
}

/** The value of an output; undefined where a preview does not know it. */
async function knownValue<T>(output: pulumi.Output<T>): Promise<T | undefined> {
    // The SDK keeps both of every output, but not in its types.
    const inner = output as unknown as { promise(): Promise<T>; isKnown: Promise<boolean> };
    const value = await inner.promise();
    return (await inner.isKnown) ? value : undefined;
}

async function knownIntent(text: pulumi.Output<string>): Promise<Intent | undefined> {
    const known = await knownValue(text);
    return known === undefined ? undefined : parseIntent(known);
}

/**
 * The cluster's `resourceUID`, where it may be another one than the record's: Azure is asked only where the CA has changed since.
 * For a preview: in an `up` the CA is known after the Command, but the intent before it.
 */
async function changedUid(
    { caAfter }: RotationRecord,
    { resourceGroupName, clusterName }: CheckedArguments,
    { caFingerprints, invokeOptions }: Announced,
): Promise<string | undefined> {
    if (!pulumi.runtime.isDryRun()) {
        return undefined;
    }
    const now = await knownValue(caFingerprints()).catch(() => undefined);
    if (now === undefined || now.some((fingerprint) => caAfter.includes(fingerprint))) {
        return undefined;
    }
    const cluster = await getManagedCluster({ resourceGroupName, resourceName: clusterName }, invokeOptions).catch(
        () => undefined,
    );
    return cluster?.resourceUID;
}

/** A name that no other component of the program has: the engine refuses a second hook of the same name. */
function hookName(component: pulumi.Resource): string {
    // As in a URN: the types of the component and of its parents, and its name. The SDK has them, but not in its types.
    interface Inner {
        __pulumiType?: string;
        __name?: string;
        __parentResource?: Inner;
    }
    const { __name: name = "" } = component as Inner;
    const types: string[] = [];
    for (let at: Inner | undefined = component as Inner; at !== undefined; at = at.__parentResource) {
        types.unshift(at.__pulumiType ?? "");
    }
    return `${types.join("$")}::${name}::announcement`;
}
