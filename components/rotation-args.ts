import type * as pulumi from "@pulumi/pulumi";
import type { AzureSignInArgs } from "./azure-sign-in";
import type {
    CredentialKind,
    KubeconfigFormat,
    PreflightMode,
    ServerFqdn,
    VerifyMode,
    VerifyThrough,
} from "./enumerations";

/** A cluster by its resource group and name. */
export interface ClusterByName {
    /** Name of the resource group of the cluster. */
    resourceGroupName: pulumi.Input<string>;
    /** Name of the managed cluster. */
    clusterName: pulumi.Input<string>;
    /** The names name the cluster already. */
    clusterId?: undefined;
}

/** A cluster by its ARM id. */
export interface ClusterById {
    /**
     * ARM id of the managed cluster, in upper or lower case. The names are better for a cluster that the same program makes:
     * they are known before it is there.
     */
    clusterId: pulumi.Input<string>;
    /** The id names the cluster already. */
    resourceGroupName?: undefined;
    /** The id names the cluster already. */
    clusterName?: undefined;
}

/** Arguments of `CertificateRotation` beside those that name the cluster. */
export interface RotationSettings {
    /**
     * The rotation generation: a whole number from 0 to 9007199254740991 (`Number.MAX_SAFE_INTEGER`). The first `up` adopts the cluster at whatever number it
     * finds, and rotates nothing. Raising it later, by one or by more, asks for one rotation. Lowering it rotates nothing.
     */
    rotationGeneration: pulumi.Input<number>;
    /**
     * Id of the cluster's subscription. Where another one than azure-native's is given, and no azure-native provider, the
     * component makes an azure-native provider for it.
     *
     * @default the one that azure-native uses
     */
    subscriptionId?: pulumi.Input<string>;
    /**
     * Whose kubeconfig is read: `user` (Azure RBAC action listClusterUserCredential) or `admin`
     * (listClusterAdminCredential; the way round Microsoft Entra ID).
     *
     * @default "user"
     */
    credentials?: pulumi.Input<CredentialKind>;
    /**
     * How the kubeconfig of a user of Microsoft Entra ID is written: `exec` (kubelogin is run) or `azure` (for clients of
     * Kubernetes before 1.26; not for the `provider` here). Other kubeconfigs are the same either way.
     *
     * @default AKS's own, which is "exec"
     */
    format?: pulumi.Input<KubeconfigFormat>;
    /**
     * By which name the kubeconfig has the API server of a private cluster: `public` or `private`.
     *
     * @default AKS's own
     */
    serverFqdn?: pulumi.Input<ServerFqdn>;
    /**
     * What is demanded of the check of a rotation against the API server. `required`: it must be reachable, and the
     * checks must pass. `bestEffort`: checks that cannot be made are recorded with the reason; those that are made must
     * pass. `off`: the API server is not asked.
     *
     * @default "required"
     */
    verify?: pulumi.Input<VerifyMode>;
    /**
     * What is looked at before a rotation is started: the right to rotate, the cluster's state, node pools, pod disruption
     * budgets, the Kubernetes version. `required`: what blocks a rotation stops the `up` before anything is done. `warn`:
     * it is reported, and the rotation goes on. `off`: nothing is looked at. A preview in which a rotation may be pending
     * warns of what is found. What could not be looked at stops nothing.
     *
     * @default "required"
     */
    preflight?: pulumi.Input<PreflightMode>;
    /**
     * From where the API server is asked. `direct`: from the machine that runs the `up`. `runCommand`: by a command in a
     * pod of the cluster, for private clusters that this machine cannot reach; it needs the Azure RBAC actions
     * runCommand/action and commandResults/read on the cluster, and shows less: `required` then demands what it can show.
     *
     * @default "direct"
     */
    verifyThrough?: pulumi.Input<VerifyThrough>;
    /**
     * Id of the application of Microsoft Entra ID for which a token is requested to sign in to the API server. Only for a
     * cluster with the legacy Entra integration, whose server application is one of your own: for any other the kubeconfig
     * names the AKS server application, and a kubeconfig that names another one is refused.
     *
     * @default the AKS server application, 6dae42f8-4368-4678-94ff-3960e28e3630
     */
    serverApplicationId?: pulumi.Input<string>;
    /**
     * Kubernetes namespace of the ConfigMap `aks-certificate-rotation` that holds the rotation record, where the program
     * writes one. The component reads it where the stack has no record of its own.
     *
     * @default "default"
     */
    recordNamespace?: pulumi.Input<string>;
    /**
     * How long an `up` waits for a rotation: a duration such as "60m" or "1h30m". Asking for it, before, may take as long
     * again, but no longer than two minutes. At most "8760h".
     *
     * @default "60m"
     */
    timeout?: pulumi.Input<string>;
    /**
     * How long the credentials and the API server may take to follow, once Azure says that the rotation Succeeded: a
     * duration, at most "8760h".
     *
     * @default "10m"
     */
    settleTimeout?: pulumi.Input<string>;
    /**
     * How the component signs in to Azure, both the rotation and the azure-native provider that it then makes. Changing it
     * rotates nothing.
     *
     * @default as the azure-native provider it is given, else as the stack's config for azure-native and the environment say
     */
    azure?: AzureSignInArgs;
}

/**
 * Arguments of `CertificateRotation`: the cluster, by its names or by its id, and how it is rotated. A value from stack config
 * for an argument that takes one of a few words goes through `parseArgument`.
 */
export type CertificateRotationArgs = (ClusterByName | ClusterById) & RotationSettings;
