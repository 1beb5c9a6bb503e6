import { Provider, type ProviderArgs } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { type ClusterOutputs, checkedIdentifier, clusterAmong, usableKubeconfig } from "./cluster-outputs";
import { PlainRunError } from "./plain-run-error";
import { thisHost } from "./sign-in-plugin";

const advice =
    "Give those of a CertificateRotation, or of the stack that has it: `{ stack: new pulumi.StackReference(…) }`.";

/** Settings of a Kubernetes provider that are free: all but those that say which cluster it is for. */
export type ProviderSettings = Omit<ProviderArgs, "kubeconfig" | "clusterIdentifier" | "context" | "cluster">;

/** A cluster by what a `CertificateRotation` says of it. */
export interface ClusterByCredentials {
    /** The kubeconfig in force: the text itself. It is treated as a secret, whether or not it comes as one. */
    kubeconfig: pulumi.Input<string>;
    /** ARM id of the cluster. It keeps the provider from being replaced when the CA changes. */
    clusterIdentifier: pulumi.Input<string>;
}

/** A cluster by the stack that has its `CertificateRotation`, and exports `kubeconfig` and `clusterIdentifier` of it. */
export interface ClusterByStack {
    /** The stack. */
    stack: pulumi.StackReference;
    /** The cluster's name in the stack's output `clusters`, where it exports several. Default: it exports one. */
    cluster?: pulumi.Input<string>;
}

/** Where the kubeconfig may sign in. */
export interface SignInSettings {
    /**
     * The only application of Microsoft Entra ID for which kubelogin may get a token by the kubeconfig.
     *
     * @default the AKS server application, the same in every tenant
     */
    serverApplicationId?: pulumi.Input<string | undefined>;
}

/** Arguments of {@link kubernetesProvider}. */
export type KubernetesProviderArgs = (ClusterByCredentials | ClusterByStack) & SignInSettings & ProviderSettings;

/**
 * Makes the Kubernetes provider that `CertificateRotation` makes, in any stack: one that moves to new certificates in
 * place. For stacks that only use a cluster whose certificates another stack rotates:
 *
 * ```ts
 * const stack = new pulumi.StackReference("organization/platform/production");
 * const provider = kubernetesProvider("cluster", { stack });
 * ```
 *
 * After a rotation the next `up` of the stack updates the provider. Before it, resources under the provider are diffed
 * as ever, but what asks the cluster (a change, `refresh`, `destroy`) fails with x509.
 *
 * @param name unique name of the provider in the stack
 * @param args the cluster, and settings as for `kubernetes.Provider`
 * @param opts as for any resource
 * @throws RunError, in the preview already, when an output is missing, is no kubeconfig, or no ARM id of a cluster, or
 * when the kubeconfig signs in by a program which is not on this machine (kubelogin), by another program, or for another
 * application than `serverApplicationId`
 */
export function kubernetesProvider(
    name: string,
    args: KubernetesProviderArgs,
    opts?: pulumi.ResourceOptions,
): Provider {
    const { serverApplicationId, ...cluster } = args;
    const { kubeconfig, clusterIdentifier, settings } = separate(cluster);
    // One object for one message: the SDK reports an error once, in however many outputs it is.
    const refusals = new Map<string, PlainRunError>();
    const refusal = (message: string) => {
        const error = refusals.get(message) ?? new PlainRunError(`${name}: ${message}`);
        refusals.set(message, error);
        return error;
    };
    const checked = <T>(find: pulumi.Output<() => ClusterOutputs>, check: (outputs: ClusterOutputs) => T) =>
        find.apply((outputs) => {
            try {
                return check(outputs());
            } catch (error) {
                throw refusal((error as Error).message);
            }
        });
    const warn = (warning: string) => pulumi.log.warn(`${name}: ${warning}`, opts?.parent);
    return new Provider(
        name,
        {
            ...settings,
            kubeconfig: pulumi.secret(
                pulumi
                    .output(serverApplicationId)
                    .apply((id) => checked(kubeconfig, (outputs) => usableKubeconfig(outputs, thisHost, warn, id))),
            ),
            // An id is no secret; beside a kubeconfig in a stack's outputs it has become one.
            clusterIdentifier: pulumi.unsecret(checked(clusterIdentifier, checkedIdentifier)),
        },
        opts,
    );
}

interface Separated {
    kubeconfig: pulumi.Output<() => ClusterOutputs>;
    /** Apart from the kubeconfig: it must be known where that is not, or the provider would be replaced. */
    clusterIdentifier: pulumi.Output<() => ClusterOutputs>;
    settings: ProviderSettings;
}

function separate(args: (ClusterByCredentials | ClusterByStack) & ProviderSettings): Separated {
    if ("stack" in args) {
        const { stack, cluster, ...settings } = args;
        const found = pulumi.all([stack.name, stack.outputs, cluster]).apply(
            ([name, outputs, wanted]) =>
                () =>
                    clusterAmong(name, outputs, wanted),
        );
        return { kubeconfig: found, clusterIdentifier: found, settings };
    }
    const { kubeconfig, clusterIdentifier, ...settings } = args;
    const given = { kubeconfig: undefined, clusterIdentifier: undefined, from: "the arguments", path: "", advice };
    return {
        kubeconfig: pulumi.output(kubeconfig).apply((text) => () => ({ ...given, kubeconfig: text })),
        clusterIdentifier: pulumi.output(clusterIdentifier).apply((id) => () => ({ ...given, clusterIdentifier: id })),
        settings,
    };
}
