import { dirname, join } from "node:path";
import type { ClusterRef } from "./cluster-options";
import type { LocalAks } from "./local-aks";

/** How to point az, an SDK, this project's component and curl at a local AKS, for a POSIX shell. */
export function instructions(aks: LocalAks, { resourceGroup, name }: ClusterRef): string {
    const { url, caFile } = aks;
    const variables = Object.entries(aks.environment).map(([key, value]) => `export ${key}='${value}'`);
    const endpoints = [
        "resource-manager",
        "management",
        "active-directory",
        "active-directory-resource-id",
        "active-directory-graph-resource-id",
        "microsoft-graph-resource-id",
    ];
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

    export AZURE_CONFIG_DIR='${join(dirname(caFile), "az")}' REQUESTS_CA_BUNDLE='${caFile}' AZURE_CORE_INSTANCE_DISCOVERY=false
    az cloud register --name LocalAks \\
${endpoints.map((endpoint) => `        --endpoint-${endpoint} ${url}`).join(" \\\n")}
    az cloud set --name LocalAks
    az login --service-principal --username "$ARM_CLIENT_ID" --password "$ARM_CLIENT_SECRET" --tenant "$ARM_TENANT_ID"
    az aks get-credentials ${cluster} --file kubeconfig-local-aks
    az aks rotate-certs ${cluster} --yes

Rotations so far, settings and faults (docs/local-aks.md):

    curl --cacert '${caFile}' ${url}/_control/clusters
`;
}

function indent(lines: string[]): string {
    return lines.map((line) => `    ${line}`).join("\n");
}
