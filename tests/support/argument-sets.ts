import { Provider } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateRotationArgs } from "../../components";
import { type MockedRun, subscriptionId } from "./component-mocks";

const minimal = { resourceGroupName: "group", clusterName: "Blue", rotationGeneration: 3 };

const everySignIn = {
    clientId: "client",
    tenantId: "tenant",
    clientSecret: "a client secret",
    clientCertificatePath: "certificate.pem",
    clientCertificatePassword: "a password",
    useOidc: true,
    oidcToken: "a token",
    oidcTokenFilePath: "token.txt",
    oidcRequestUrl: "https://127.0.0.1/token",
    oidcRequestToken: "a request token",
    useMsi: false,
    useDefaultAzureCredential: false,
    auxiliaryTenantIds: ["one", "two"],
    environment: "usgovernment",
    metadataHost: "127.0.0.1:2",
    disableInstanceDiscovery: true,
};

/** Arguments of the component, every one of them at least once, whose Commands' inputs tests/fixtures holds. */
export const argumentSets: Record<string, [args: CertificateRotationArgs, run?: MockedRun]> = {
    "names only": [minimal],
    "by id": [
        {
            clusterId: `/SUBSCRIPTIONS/${subscriptionId}/resourceGroups/Group/providers/Microsoft.ContainerService/managedClusters/Blue`,
            rotationGeneration: 0,
        },
    ],
    "the defaults, given": [
        {
            ...minimal,
            subscriptionId,
            credentials: "user",
            verify: "required",
            preflight: "required",
            verifyThrough: "direct",
            timeout: "60m",
            settleTimeout: "10m",
        },
    ],
    "every other value": [
        {
            ...minimal,
            format: "azure",
            serverFqdn: "private",
            verify: "bestEffort",
            preflight: "warn",
            verifyThrough: "runCommand",
            timeout: "90s",
            settleTimeout: "30s",
        },
    ],
    "an administrator, nothing looked at": [
        { ...minimal, credentials: "admin", serverFqdn: "public", verify: "off", preflight: "off", timeout: "2h" },
    ],
    "every way to sign in": [{ ...minimal, azure: everySignIn }],
    "a sign-in beside other arguments": [
        { ...minimal, format: "exec", timeout: "1m", preflight: "off", azure: { useMsi: true, clientId: "identity" } },
    ],
    "a sign-in from stack config": [
        minimal,
        {
            config: {
                "azure-native:subscriptionId": subscriptionId,
                "azure-native:useOidc": "true",
                "azure-native:oidcAudience": "api://other",
            },
        },
    ],
    "a provider's sign-in": [
        minimal,
        {
            opts: () => ({
                providers: [
                    new Provider("azure", { clientId: "client", clientSecret: pulumi.secret("a client secret") }),
                ],
            }),
        },
    ],
};

/** The same for arguments that 0.1.0 did not have. */
export const laterArgumentSets: typeof argumentSets = {
    "another server application, a namespace for the record": [
        { ...minimal, serverApplicationId: "11111111-1111-4111-8111-111111111111", recordNamespace: "records" },
    ],
};
