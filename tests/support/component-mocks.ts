import * as pulumi from "@pulumi/pulumi";
import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime";
import { CertificateRotation, type CertificateRotationArgs } from "../../components";
import { parseKubeconfig } from "../../formats/kubeconfig";
import type { RotationRecord } from "../../formats/record";
import { type CertificateLifetimes, createClusterSecrets } from "../../rehearsal/local-aks/cluster-secrets";
import { kubeconfig } from "../../rehearsal/local-aks/kubeconfig";

/** The subscription that azure-native answers with. */
export const subscriptionId = "00000000-0000-4000-8000-000000000000";

/** What a run of the component under Pulumi's mocks is given; all of it may be left out. */
export interface MockedRun {
    /** Stack config with its namespaces, such as `azure-native:tenantId`. Default: the subscription. */
    config?: Record<string, string>;
    /** Makes the component's resource options, once the mocks are set. */
    opts?: () => pulumi.ComponentResourceOptions;
    /** Overrides answers of invokes, by the token's last part. */
    answers?: Record<string, () => object>;
    /** Default: false. */
    preview?: boolean;
    /** How long the cluster's certificates last, in seconds. Default: a day each. */
    lifetimes?: CertificateLifetimes;
    /** What the rotation Command has printed, by the record of the cluster as it is. Default: that record. */
    printed?: (record: RotationRecord) => string;
    /** Looks at the component. */
    look?: (rotation: CertificateRotation) => Promise<void>;
}

/** The resources that a program of one component registers, by name, with their inputs; secrets as `{ secret: … }`. */
export async function registered(
    args: CertificateRotationArgs,
    {
        config = { "azure-native:subscriptionId": subscriptionId },
        opts,
        answers = {},
        preview = false,
        lifetimes = { ca: 86_400, server: 86_400, client: 86_400 },
        printed = JSON.stringify,
        look,
    }: MockedRun = {},
): Promise<Record<string, Record<string, unknown>>> {
    const resources: Record<string, Record<string, unknown>> = {};
    const text = kubeconfig({
        resourceGroup: "group",
        clusterName: "blue",
        server: "https://127.0.0.1:1",
        secrets: await createClusterSecrets(lifetimes),
        role: "user",
    });
    const credentials = () => ({ kubeconfigs: [{ value: Buffer.from(text).toString("base64") }] });
    const invokes: Record<string, () => object> = {
        getClientConfig: () => ({ subscriptionId }),
        listManagedClusterUserCredentials: credentials,
        listManagedClusterAdminCredentials: credentials,
        ...answers,
    };
    const fingerprints = parseKubeconfig(text).caFingerprints;
    await pulumi.runtime.setMocks(
        {
            newResource: ({ name, type, inputs }: MockResourceArgs) => {
                resources[name] = revealed(inputs) as Record<string, unknown>;
                const isCommand = type === "command:local:Command";
                const stdout = name.endsWith("-intent") ? "the intent" : printed(recordOf(fingerprints));
                return { id: `${name}-id`, state: isCommand ? { ...inputs, stdout } : inputs };
            },
            call: ({ token }: MockCallArgs) => invokes[token.split(":").pop() ?? ""]?.() ?? {},
        },
        "project",
        "stack",
        preview,
    );
    pulumi.runtime.setAllConfig(config);
    try {
        await pulumi.runtime.runInPulumiStack(async () => {
            const component = new CertificateRotation("cluster", args, opts?.());
            await look?.(component);
            // Until both Commands are there: what an earlier run has left in the SDK can end the wait of the run too early.
            await (component.rotation as unknown as { promise(): Promise<unknown> }).promise();
        });
        await pulumi.runtime.disconnect();
    } finally {
        pulumi.runtime.setAllConfig({});
    }
    return resources;
}

/** The inputs of the component's two Commands, as the engine gets them. */
export async function commandInputs(args: CertificateRotationArgs, run?: MockedRun): Promise<Record<string, unknown>> {
    const resources = await registered(args, run);
    return { intent: resources["cluster-intent"], rotation: resources["cluster-rotation"] };
}

function recordOf(fingerprints: string[]): RotationRecord {
    return {
        record: 1,
        generation: 1,
        outcome: "adopted",
        clusterId: `/subscriptions/${subscriptionId}/resourcegroups/group/providers/microsoft.containerservice/managedclusters/blue`,
        resourceUID: "uid",
        started: null,
        finished: "2026-01-01T00:00:00.000Z",
        durationSeconds: null,
        caBefore: fingerprints,
        caAfter: fingerprints,
        outage: null,
        apiServerCertificate: null,
        verified: [],
        notVerified: [],
    };
}

const secretMark = "4dabf18193072939515e22adb298388d";

/** Secrets as the SDK sends them, made readable. */
function revealed(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(revealed);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (secretMark in value && "value" in value) {
        return { secret: revealed(value.value) };
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
