import { Command } from "@pulumi/command/local";
import { Provider } from "@pulumi/kubernetes/provider";
import { ten } from "./ten";
import type { Wish } from "./wish";

/**
 * What people write: a Command that calls az, again whenever its trigger changes, and a provider of what it prints.
 *
 * @param identified whether the provider is told which cluster it is for
 */
export function program({ cluster, generation, mark, namespace }: Wish, identified = false): void {
    const { resourceGroup, name } = cluster;
    const which = `--resource-group ${resourceGroup} --name ${name}`;
    const command = new Command(
        "credentials",
        {
            create: `az aks rotate-certs ${which} --yes && az aks get-credentials ${which} --file -`,
            triggers: [generation],
        },
        { additionalSecretOutputs: ["stdout"] },
    );
    const clusterIdentifier = identified ? `${resourceGroup}/${name}` : undefined;
    ten(new Provider("cluster", { kubeconfig: command.stdout, clusterIdentifier }), namespace, mark);
}
