import * as containerservice from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { clientCertificate, parseKubeconfig } from "../formats/kubeconfig";
import type { CheckedArguments } from "./arguments";
import { explainAzure } from "./explain-azure";

/**
 * Asks Azure for a cluster's kubeconfig of this moment. It is a secret.
 *
 * @throws Error that says what to change, when there is no such cluster, no right, no sign-in, or no CA
 */
export async function readKubeconfig(args: CheckedArguments, opts: pulumi.InvokeOptions): Promise<string> {
    const list =
        args.credentials === "admin"
            ? containerservice.listManagedClusterAdminCredentials
            : containerservice.listManagedClusterUserCredentials;
    const { resourceGroupName, clusterName: resourceName } = args;
    let value: string | undefined;
    try {
        value = (await list({ resourceGroupName, resourceName }, opts)).kubeconfigs[0]?.value;
    } catch (error) {
        throw new pulumi.RunError(explainAzure((error as Error).message, args));
    }
    if (value === undefined) {
        throw new pulumi.RunError(`AKS gave no kubeconfig for the cluster ${args.credentials} of ${resourceName}.`);
    }
    const kubeconfig = Buffer.from(value, "base64").toString("utf8");
    try {
        parseKubeconfig(kubeconfig);
        return kubeconfig;
    } catch (error) {
        throw new pulumi.RunError((error as Error).message);
    }
}

/** Whether a kubeconfig cannot work any more at a time (milliseconds since 1970): its CA or client certificate has expired. */
export function hasExpired(text: string, now: number): boolean {
    const kubeconfig = parseKubeconfig(text);
    const client = clientCertificate(kubeconfig);
    const certificates = client === undefined ? kubeconfig.ca : [...kubeconfig.ca, client];
    return certificates.some(({ validTo }) => Date.parse(validTo) < now);
}
