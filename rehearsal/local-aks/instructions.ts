import { azCloudRegister, azCloudSet, azEnvironment, azLogin } from "./az";
import type { ClusterRef } from "./cluster-options";
import type { LocalAks } from "./local-aks";

/** How to point az, an SDK, this project's component and curl at a local AKS, for a POSIX shell. */
export function instructions(aks: LocalAks, { resourceGroup, name }: ClusterRef): string {
    const { url, caFile } = aks;
    const variables = exportLines(aks.environment);
    const az = azEnvironment(aks);
    const cluster = `--resource-group ${resourceGroup} --name ${name}`;
    return `
For an Azure SDK, Pulumi's azure-native and this project (the secret is good for this local AKS only):

${indent(variables)}

The component, in this repository:

    pulumi stack init local
    pulumi config set resourceGroupName ${resourceGroup}
    pulumi config set clusterName ${name}
    pulumi config set rotationGeneration 1        # raise it, and run pulumi up again, to rotate
    pulumi up

Azure's JavaScript SDK, with the variables above:

    new ContainerServiceClient(
        new ClientSecretCredential(ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET,
            { authorityHost: "${url}", disableInstanceDiscovery: true }),
        ARM_SUBSCRIPTION_ID,
        { endpoint: "${url}", credentials: { scopes: ["${url}/.default"] } })

az, with a configuration of its own:

${indent(exportLines(az))}
    az ${azCloudRegister(aks).join(" ").replaceAll(" --endpoint", " \\\n        --endpoint")}
    az ${azCloudSet.join(" ")}
    az ${azLogin('"$ARM_CLIENT_ID"', '"$ARM_CLIENT_SECRET"', '"$ARM_TENANT_ID"').join(" ")}
    az aks get-credentials ${cluster} --file kubeconfig-local-aks
    az aks rotate-certs ${cluster} --yes        # the kubeconfig fails with an x509 error now
    az aks get-credentials ${cluster} --file kubeconfig-local-aks --overwrite-existing

Rotations so far, settings and faults (docs/local-aks.md):

    curl --cacert '${caFile}' ${url}/_control/clusters
`;
}

function exportLines(variables: Record<string, string>): string[] {
    return Object.entries(variables).map(([key, value]) => `export ${key}='${value}'`);
}

function indent(lines: string[]): string {
    return lines.map((line) => `    ${line}`).join("\n");
}
