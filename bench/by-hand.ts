import { Command } from "@pulumi/command/local";
import { Provider } from "@pulumi/kubernetes/provider";
import type { Tool } from "../toolchain/tool";
import type { Contender } from "./contender";
import { StackTrial } from "./stack-trial";
import { ten } from "./ten";

/**
 * A program as people write it: a Command that calls az, again whenever its trigger changes, and a provider of what it
 * prints. Its first up rotates too.
 *
 * @param identified whether the provider is told which cluster it is for
 */
export function byHand(identified: boolean, az: Tool | undefined): Contender {
    return {
        name: `Command and Provider by hand${identified ? ", with clusterIdentifier" : ""}`,
        word: identified ? "by-hand-identified" : "by-hand",
        missing: az ? undefined : "the Azure CLI could not be had",
        open: (stage, { resourceGroup, name }) =>
            StackTrial.open(stage, stage.azEnvironment, ({ generation, mark, namespace }) => {
                const cluster = `--resource-group ${resourceGroup} --name ${name}`;
                const command = new Command(
                    "credentials",
                    {
                        create: `az aks rotate-certs ${cluster} --yes && az aks get-credentials ${cluster} --file -`,
                        triggers: [generation],
                    },
                    { additionalSecretOutputs: ["stdout"] },
                );
                const provider = new Provider("cluster", {
                    kubeconfig: command.stdout,
                    ...(identified && { clusterIdentifier: `${resourceGroup}/${name}` }),
                });
                ten(provider, namespace, mark);
            }),
    };
}
