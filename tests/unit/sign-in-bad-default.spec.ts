import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { failureOf, type RefusedSignIn, ref } from "../support/sign-in";

describe("a sign-in by DefaultAzureCredential or the az CLI that cannot be", () => {
    let aks: LocalAks;
    let folder: string;
    let client: { clientId: string };
    /** For DefaultAzureCredential, by variables. */
    let byDefault: Record<string, string>;
    const nobody = "00000000-0000-4000-8000-000000000001";

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...ref, backend: "light" });
        folder = await mkdtemp(join(tmpdir(), "sign-in-"));
        client = aks.control.addClient();
        byDefault = {
            ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true",
            AZURE_CLIENT_ID: client.clientId,
            AZURE_TENANT_ID: aks.tenantId,
            AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
        };
    });
    after(async () => {
        await aks.close();
        await rm(folder, { recursive: true, force: true });
    });

    async function file(content: string): Promise<string> {
        const path = join(folder, "file");
        await writeFile(path, content);
        return path;
    }

    const tenant = () => `tenant ${aks.tenantId}`;
    const who = () => `client ${client.clientId}`;

    /** The file of a token that a Kubernetes cluster has made, for a client that trusts it. */
    async function projected(change: Parameters<typeof aks.control.identityToken>[1]): Promise<string> {
        const { issuer } = await aks.control.addIssuer("kubernetes", "subject");
        aks.control.addFederatedCredential(client.clientId, { issuer, subject: "subject" });
        return file(await aks.control.identityToken(issuer, change));
    }

    const workload = (path: string) => ({
        ...byDefault,
        AZURE_FEDERATED_TOKEN_FILE: path,
        AZURE_TOKEN_CREDENTIALS: "WorkloadIdentityCredential",
    });

    /** What az writes where one is to log in anew; it ends with the command, which names more than a scope. */
    const expiredAz = (error: string) =>
        `ERROR: ${error}\nTrace ID: x\nInteractive authentication is needed. Please run:\naz logout\n` +
        `az login --tenant "t" --scope "https://management.core.windows.net//.default"`;

    async function failingAz(says: string): Promise<{ PATH: string }> {
        const bin = await mkdtemp(join(folder, "az-"));
        await writeFile(join(bin, "az"), `#!/bin/sh\ncat >&2 <<'END'\n${says}\nEND\nexit 1\n`, { mode: 0o700 });
        return { PATH: `${bin}:${process.env.PATH}` };
    }

    const cases: Record<string, RefusedSignIn> = {
        "a workload identity's token that has expired": {
            env: async () => workload(await projected({ seconds: -60 })),
            says: [
                /AADSTS700024/,
                tenant,
                who,
                /The token \(AZURE_FEDERATED_TOKEN_FILE \("\S+"\)\) has expired, or the clock/,
                /The kubelet renews that file/,
            ],
        },
        "a workload identity's token of another service account": {
            env: async () => workload(await projected({ subject: "system:serviceaccount:other:other" })),
            says: [/AADSTS700213/, tenant, /subject of the token \(AZURE_FEDERATED_TOKEN_FILE/],
        },
        "a workload identity's token that is none": {
            env: async () => workload(await file("hello")),
            says: [/AADSTS50027/, tenant, /What is in AZURE_FEDERATED_TOKEN_FILE \("\S+"\) is no token/],
        },
        "a workload identity's token file that is not there": {
            env: () => workload("/nowhere/token"),
            says: [
                /AZURE_FEDERATED_TOKEN_FILE is "\/nowhere\/token", but that file cannot be read \(ENOENT\)/,
                /azure.workload.identity\/use/,
            ],
        },
        "a workload identity's token file that is empty": {
            env: async () => workload(await file("\n")),
            says: [/AZURE_FEDERATED_TOKEN_FILE is "\S+", but that file is empty/],
        },
        "a workload identity without a client": {
            env: () => ({ ...workload("/nowhere/token"), AZURE_CLIENT_ID: "" }),
            says: [/AZURE_FEDERATED_TOKEN_FILE is set without AZURE_CLIENT_ID, /],
        },
        "a workload identity in a tenant that is not there": {
            env: async () => ({ ...workload(await projected({})), AZURE_TENANT_ID: nobody }),
            says: [/AADSTS90002/, () => `tenant ${nobody}`, /Check AZURE_TENANT_ID, and/],
        },
        "a workload identity in a tenant of ARM_TENANT_ID that is not there": {
            env: async () => ({ ...workload(await projected({})), ARM_TENANT_ID: nobody }),
            says: [/AADSTS90002/, () => `tenant ${nobody}`, /Check ARM_TENANT_ID, and/],
        },
        "a wrong secret for DefaultAzureCredential": {
            env: () => ({ ...byDefault, AZURE_CLIENT_SECRET: "wrong" }),
            says: [/AADSTS7000215/, tenant, who, /What is in AZURE_CLIENT_SECRET is not a secret of client/],
        },
        "a client of DefaultAzureCredential that is not there": {
            env: () => ({ ...byDefault, AZURE_CLIENT_ID: nobody, AZURE_CLIENT_SECRET: "s" }),
            says: [/AADSTS700016/, tenant, /Check AZURE_CLIENT_ID .* and AZURE_TENANT_ID/],
        },
        "a secret for DefaultAzureCredential without a tenant": {
            env: () => ({ ...byDefault, AZURE_TENANT_ID: "", AZURE_CLIENT_SECRET: "s" }),
            says: [/AZURE_CLIENT_SECRET is set without AZURE_TENANT_ID, /],
        },
        "az that nobody is logged in to": {
            env: () => failingAz("ERROR: Please run 'az login' to setup account."),
            says: [/no Azure credentials \(az CLI\): Please run 'az login'/, /Run az login, or set ARM_CLIENT_ID/],
        },
        "az whose sign-in has expired by a policy": {
            env: () => failingAz(expiredAz("AADSTS70043: The refresh token has expired or is invalid.")),
            says: [/sign-in \(az CLI\): AADSTS70043: The refresh token.*\n.*policy of the tenant\. Run az login again/],
        },
        "az whose sign-in was not used for long, in a tenant": {
            env: async () => ({
                ...(await failingAz(expiredAz("AADSTS700082: The refresh token has expired due to inactivity."))),
                ARM_TENANT_ID: nobody,
            }),
            says: [/sign-in \(az CLI, tenant 0000\S+\): AADSTS700082: .*\n.*not used for long\. Run az login again/],
        },
        "az whose service principal is not there": {
            env: () => failingAz(expiredAz("AADSTS700016: Application was not found in the directory.")),
            says: [/AADSTS700016/, /Check the account of az login .* and its tenant \(az account show\)/],
        },
    };

    for (const [what, { env, says }] of Object.entries(cases)) {
        it(`says what is wrong and what to do: ${what}`, async () => {
            const said = await failureOf(aks, await env());
            for (const words of says) {
                assert.match(said, typeof words === "function" ? new RegExp(words()) : words);
            }
            const secret = aks.issuedSecrets().find((candidate) => said.includes(candidate));
            assert.equal(secret, undefined, "there is no secret in it");
        });
    }
});
