import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeJwt } from "jose";
import { findCloud } from "../../azure/cloud";
import { signInVariables } from "../../components/azure-sign-in";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import type { ManagedIdentity } from "../../rehearsal/local-aks/sign-in-control";
import { shakeHands } from "../../rotator/api-server";
import { authenticate } from "../../rotator/authentication";
import { type ClientCertificate, makeClientCertificate } from "../support/client-certificate";
import { startConnectProxy } from "../support/connect-proxy";
import { imdsWithoutIdentity } from "../support/imds";
import { makePfx } from "../support/pfx";
import { cloudOf, fakeAz, ref, signInAndLook } from "../support/sign-in";
import { withEnvironment } from "../support/with-environment";

/** The ids in the first column of the tables of docs/sign-in.md. */
function rowsOfThePage(): string[] {
    const page = readFileSync(join(__dirname, "..", "..", "docs", "sign-in.md"), "utf8");
    return [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id = ""]) => id);
}

describe("each way to sign in to Azure", () => {
    let aks: LocalAks;
    let folder: string;
    let certificate: ClientCertificate;
    let client: { clientId: string; clientSecret: string };
    let principal: Record<string, string>;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...ref, backend: "light" });
        folder = await mkdtemp(join(tmpdir(), "sign-in-"));
        certificate = await makeClientCertificate();
        client = aks.control.addClient();
        principal = { ARM_CLIENT_ID: client.clientId, ARM_TENANT_ID: aks.tenantId };
        aks.control.addCertificate(client.clientId, certificate.certificate);
    });
    after(async () => {
        await aks.close();
        await rm(folder, { recursive: true, force: true });
    });

    /** Signs in by a way, as whom the variables name or else the one given, and sees the cluster. */
    async function seen(env: Record<string, string>, way: string, as = env.ARM_CLIENT_ID): Promise<void> {
        const { signIn, cluster, clientId } = await signInAndLook(aks, env);
        assert.deepEqual([signIn.way, clientId], [way, as]);
        assert.equal(cluster?.provisioningState, "Succeeded");
    }

    async function file(name: string, content: string | Buffer): Promise<string> {
        const path = join(folder, name);
        await writeFile(path, content);
        return path;
    }

    const certificateRow = async (content: string | Buffer, password?: string) => {
        const ARM_CLIENT_CERTIFICATE_PATH = await file("client", content);
        const secret: Record<string, string> = password ? { ARM_CLIENT_CERTIFICATE_PASSWORD: password } : {};
        await seen({ ...principal, ARM_CLIENT_CERTIFICATE_PATH, ...secret }, "client certificate");
    };

    /** A client that trusts an issuer of a kind. */
    async function federated(kind: "github" | "azureDevOps" | "kubernetes", audience?: string) {
        const { clientId } = aks.control.addClient();
        const issuer = await aks.control.addIssuer(kind, "subject");
        aks.control.addFederatedCredential(clientId, { ...issuer, audience });
        return { ...issuer, env: { ARM_CLIENT_ID: clientId, ARM_TENANT_ID: aks.tenantId, ARM_USE_OIDC: "true" } };
    }

    const rows: Record<string, () => Promise<void>> = {
        "client-secret": () => seen({ ...principal, ARM_CLIENT_SECRET: client.clientSecret }, "client secret"),
        "client-certificate-pem": async () => {
            await certificateRow(certificate.certificate + certificate.key);
            await certificateRow(certificate.key + certificate.certificate);
        },
        "client-certificate-pem-password": () => {
            const encrypted = createPrivateKey(certificate.key).export({
                type: "pkcs8",
                format: "pem",
                cipher: "aes-256-cbc",
                passphrase: "pa55",
            });
            return certificateRow(certificate.certificate + encrypted, "pa55");
        },
        "client-certificate-pfx": () => certificateRow(makePfx(certificate, "")),
        "client-certificate-pfx-password": async () => {
            await certificateRow(makePfx(certificate, "pa55"), "pa55");
            await certificateRow(makePfx(certificate, "pa55", "3des"), "pa55");
        },
        "oidc-token": async () => {
            const { issuer, env } = await federated("kubernetes");
            await seen({ ...env, ARM_OIDC_TOKEN: await aks.control.identityToken(issuer) }, "OIDC token");
        },
        "oidc-token-file": async () => {
            const { issuer, env } = await federated("kubernetes");
            const path = await file("token", `${await aks.control.identityToken(issuer)}\n`);
            await seen({ ...env, ARM_OIDC_TOKEN_FILE_PATH: path }, "OIDC token file");
        },
        "oidc-github-actions": async () => {
            const { env, requestUrl, requestToken } = await federated("github");
            const github = { ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken };
            await seen({ ...env, ...github }, "OIDC, GitHub Actions");
            const arm = { ARM_OIDC_REQUEST_URL: `${requestUrl}?a=b`, ARM_OIDC_REQUEST_TOKEN: requestToken };
            await seen({ ...env, ...arm }, "OIDC, GitHub Actions");
            const other = await federated("github", "api://shop");
            const ours = { ARM_OIDC_REQUEST_URL: other.requestUrl, ARM_OIDC_REQUEST_TOKEN: other.requestToken };
            await seen({ ...other.env, ...ours, ARM_OIDC_AUDIENCE: "api://shop" }, "OIDC, GitHub Actions");
        },
        "oidc-azure-devops": async () => {
            const { env, requestUrl, requestToken, serviceConnectionId } = await federated("azureDevOps");
            const pipeline = { SYSTEM_OIDCREQUESTURI: requestUrl, SYSTEM_ACCESSTOKEN: requestToken };
            for (const name of [
                "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
                "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
                "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            ]) {
                await seen({ ...env, ...pipeline, [name]: serviceConnectionId }, "OIDC, Azure DevOps");
            }
        },
        "managed-identity-system": async () => {
            const { imds } = identities("system");
            await snapshot({ ...nobody(), ARM_USE_MSI: "true", ...imds });
        },
        "managed-identity-user": async () => {
            const { imds, clientId } = identities("user");
            await snapshot({ ...nobody(), ARM_USE_MSI: "true", ARM_CLIENT_ID: clientId, ...imds });
        },
        "managed-identity-app-service": async () => {
            const { appService, clientId } = identities("user");
            await snapshot({ ...nobody(), ARM_USE_MSI: "true", ARM_CLIENT_ID: clientId, ...appService });
        },
        "workload-identity": async () => {
            const { issuer, env } = await federated("kubernetes");
            const path = await file("projected", await aks.control.identityToken(issuer));
            const workload = {
                ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true",
                AZURE_FEDERATED_TOKEN_FILE: path,
                AZURE_CLIENT_ID: env.ARM_CLIENT_ID,
                AZURE_TENANT_ID: aks.tenantId,
            };
            await seen(workload, "DefaultAzureCredential", env.ARM_CLIENT_ID);
        },
        "default-azure-credential": async () => {
            const variables = {
                ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true",
                AZURE_CLIENT_ID: client.clientId,
                AZURE_TENANT_ID: aks.tenantId,
                AZURE_CLIENT_SECRET: client.clientSecret,
            };
            await seen(variables, "DefaultAzureCredential", client.clientId);
        },
        "az-cli": async () => {
            const { PATH, log } = await fakeAz(aks, folder);
            await seen({ PATH }, "az CLI", aks.clientId);
            const called = await readFile(log, "utf8");
            assert.match(called, new RegExp(`account get-access-token .*--subscription ${aks.subscriptionId}`));
        },
        "auxiliary-tenants": async () => {
            const { tenantId } = aks.control.addTenant(client.clientId);
            const other = aks.control.addTenant(client.clientId).tenantId;
            const { signIn, cloud } = await signInAndLook(aks, {
                ...principal,
                ARM_CLIENT_SECRET: client.clientSecret,
                ARM_AUXILIARY_TENANT_IDS: JSON.stringify([tenantId]),
            });
            const token = await signIn.credential.getToken(cloud.scope, { tenantId });
            assert.equal(decodeJwt(token?.token ?? "").tid, tenantId);
            await assert.rejects(async () => signIn.credential.getToken(cloud.scope, { tenantId: other }), /tenant/i);
        },
        "cloud-name": async () => {
            const signal = AbortSignal.timeout(1000);
            const authority = async (env: Record<string, string>) => {
                const { resourceManager, authority } = await findCloud({ ARM_CLIENT_SECRET: "s", ...env }, signal);
                return [new URL(resourceManager).host, new URL(authority).host];
            };
            const china = ["management.chinacloudapi.cn", "login.chinacloudapi.cn"];
            const government = ["management.usgovcloudapi.net", "login.microsoftonline.us"];
            assert.deepEqual(await authority({}), ["management.azure.com", "login.microsoftonline.com"]);
            assert.deepEqual(await authority({ ARM_ENVIRONMENT: "china" }), china);
            assert.deepEqual(await authority({ ARM_ENVIRONMENT: "AzureChinaCloud" }), china);
            assert.deepEqual(await authority({ AZURE_ENVIRONMENT: "usgovernment" }), government);
            await file("config", "[core]\nfirst_run = yes\n[cloud]\nname = AzureUSGovernment\n");
            const az = { ARM_CLIENT_SECRET: "", AZURE_CONFIG_DIR: folder };
            assert.deepEqual(await authority(az), government);
            await assert.rejects(
                authority({ ...az, ARM_ENVIRONMENT: "china" }),
                /ARM_ENVIRONMENT is "china", but the az CLI, which signs in, is set to AzureUSGovernment/,
            );
        },
        "cloud-metadata-host": async () => {
            const { cloud } = await signInAndLook(aks, { ...principal, ARM_CLIENT_SECRET: client.clientSecret });
            assert.deepEqual(cloud, {
                resourceManager: aks.url,
                authority: aks.url,
                scope: `${aks.url}/.default`,
            });
        },
        proxy: async () => {
            await using far = await away();
            await using proxy = await startConnectProxy("user:pa55");
            const variables = { HTTPS_PROXY: proxy.url, NO_PROXY: "127.0.0.0/8,.example.com" };
            const { cluster, azure } = await signInAndLook(far.aks, { ...far.principal, ...variables });
            assert.equal(cluster?.provisioningState, "Succeeded");
            assert.deepEqual([...new Set(proxy.targets)], [new URL(far.aks.url).host]);

            const { server, caCertificate: ca, ...caller } = await azure.credentials(AbortSignal.timeout(5000));
            const address = { server: server.replace("127.0.0.1", "api.test"), serverName: "kubernetes" };
            await withEnvironment(variables, async () => {
                assert.equal((await shakeHands(address, ca, AbortSignal.timeout(5000))).trusted, true);
                assert.equal(await authenticate(address, ca, caller, AbortSignal.timeout(5000)), "authenticated");
            });
            assert.equal(proxy.targets.at(-1), new URL(address.server).host);
            await withEnvironment({ ...variables, NO_PROXY: ".test" }, () =>
                assert.rejects(shakeHands(address, ca, AbortSignal.timeout(5000)), /ENOTFOUND|EAI_AGAIN/),
            );
        },
        "private-ca-ssl-cert-file": async () => {
            const { SSL_CERT_FILE = "", ...rest } = {
                ...cloudOf(aks),
                ...principal,
                ARM_CLIENT_SECRET: client.clientSecret,
            };
            await seen({ ...rest, SSL_CERT_FILE }, "client secret");
            await file("ca.pem", await readFile(SSL_CERT_FILE));
            await seen({ ...rest, SSL_CERT_FILE: "", SSL_CERT_DIR: folder }, "client secret");
            await assert.rejects(
                signInAndLook(aks, { ...rest, SSL_CERT_FILE: "" }),
                /NODE_EXTRA_CA_CERTS or SSL_CERT_FILE if the host has a private certificate/,
            );
        },
        "private-ca-node": async () => {
            // Node.js reads the variable when it starts: so in a process of its own, the rotator's.
            const { SSL_CERT_FILE, ...environment } = aks.environment;
            await snapshot(environment);
        },
    };

    /** The machine's own identity and one assigned to it, of which only this one may look at the cluster. */
    function identities(able: "system" | "user"): ManagedIdentity {
        const both = {
            system: aks.control.addManagedIdentity("system"),
            user: aks.control.addManagedIdentity("user"),
        };
        const other = both[able === "user" ? "system" : "user"];
        aks.control.denyActions(["Microsoft.ContainerService/managedClusters/read"], other.clientId);
        return both[able];
    }

    /** What leads to the local AKS, without anybody to sign in as. */
    function nobody(): Record<string, string> {
        const { ARM_CLIENT_ID, ARM_CLIENT_SECRET, ...rest } = aks.environment;
        return rest;
    }

    /**
     * Runs the rotator as it is shipped, with these variables alone. Managed identities are tried so: the Azure SDK keeps
     * the first connection to them for all of a process.
     */
    async function snapshot(environment: Record<string, string>): Promise<void> {
        const settings = {
            AKS_ROTATION_SUBSCRIPTION_ID: aks.subscriptionId,
            AKS_ROTATION_RESOURCE_GROUP: ref.resourceGroup,
            AKS_ROTATION_CLUSTER: ref.name,
            AKS_ROTATION_GENERATION: "1",
            AKS_ROTATION_CREDENTIALS: "user",
            AKS_ROTATION_VERIFY: "required",
        };
        const rotator = require.resolve("aks-certificate-rotation/rotator");
        const { stdout } = await promisify(execFile)(process.execPath, [rotator, "snapshot"], {
            env: { ...environment, ...settings },
        });
        assert.match(JSON.parse(stdout).resourceUID, /^[\da-f]{24}$/);
    }

    it("tells that App Service's endpoint refuses, and what to do", async () => {
        const { appService, clientId } = aks.control.addManagedIdentity("user");
        const wrong = { ...appService, IDENTITY_HEADER: "wr0ng" };
        const failed = snapshot({ ...nobody(), ARM_USE_MSI: "true", ARM_CLIENT_ID: clientId, ...wrong });
        await assert.rejects(failed, ({ stderr }: { stderr: string }) => {
            assert.match(stderr, /no Azure credentials \(managed identity, client [\da-f-]{36}\): /);
            assert.match(stderr, /401|X-IDENTITY-HEADER/);
            assert.match(stderr, /IDENTITY_ENDPOINT and IDENTITY_HEADER/);
            assert.doesNotMatch(stderr, /wr0ng/);
            return true;
        });
    });

    it("tells that a machine has no managed identity, whether it is one of Azure or not, and what to do", async () => {
        await using azure = await imdsWithoutIdentity();
        for (const host of [azure.url, "http://127.0.0.1:1"]) {
            const variables = { ARM_USE_MSI: "true", AZURE_POD_IDENTITY_AUTHORITY_HOST: host };
            const failed = snapshot({ ...nobody(), ...variables });
            await assert.rejects(failed, ({ stderr }: { stderr: string }) => {
                assert.match(stderr, /no Azure credentials \(managed identity\): /);
                assert.match(stderr, /a machine of Azure that has a managed identity.*Elsewhere unset ARM_USE_MSI/);
                return true;
            });
        }
    });

    it("asks for a managed identity past a proxy", async () => {
        const { imds, clientId } = identities("user");
        const identity = { ARM_USE_MSI: "true", ARM_CLIENT_ID: clientId };
        await snapshot({
            ...nobody(),
            ...identity,
            ...imds,
            HTTPS_PROXY: "http://127.0.0.1:1",
            NO_PROXY: "example.com",
        });
    });

    it("reads what OpenSSL makes, where there is one", async function () {
        const openssl = promisify(execFile);
        const hasOne = await openssl("openssl", ["version"]).then(
            ({ stdout }) => stdout.startsWith("OpenSSL 3"),
            () => false,
        );
        if (!hasOne) {
            this.skip();
        }
        const pem = await file("both.pem", `${certificate.certificate}\n${certificate.key}`);
        const out = join(folder, "openssl.pfx");
        for (const how of [[], ["-legacy"], ["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"]]) {
            const password = how.includes("NONE") ? "" : "pa55";
            await openssl("openssl", [
                "pkcs12",
                "-export",
                ...how,
                "-in",
                pem,
                "-out",
                out,
                "-passout",
                `pass:${password}`,
            ]);
            await certificateRow(await readFile(out), password);
        }
    });

    it("reads a PFX file in the program as it is shipped", async () => {
        const { ARM_CLIENT_SECRET, ...rest } = aks.environment;
        const ARM_CLIENT_CERTIFICATE_PATH = await file("client.pfx", makePfx(certificate, "pa55"));
        await snapshot({
            ...rest,
            ...principal,
            ARM_CLIENT_CERTIFICATE_PATH,
            ARM_CLIENT_CERTIFICATE_PASSWORD: "pa55",
        });
    });

    /** A local AKS under a name that nobody but the proxy knows. */
    async function away() {
        const far = await startLocalAks({ hostname: "local-aks.test", rotationSeconds: 0.1 });
        await far.addCluster({ ...ref, backend: "light" });
        const { ARM_CLIENT_ID = "", ARM_CLIENT_SECRET = "", ARM_TENANT_ID = "" } = far.environment;
        return {
            aks: far,
            principal: { ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_TENANT_ID },
            [Symbol.asyncDispose]: () => far.close(),
        };
    }

    for (const [id, row] of Object.entries(rows)) {
        it(id, row);
    }

    it("has a variable and a key on the page for each argument", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "sign-in.md"), "utf8");
        for (const [key, variable] of Object.entries(signInVariables)) {
            assert.ok(page.includes(`\`${key}\``), key);
            assert.match(page, new RegExp(`\`${variable}\\b`), variable);
        }
    });

    it("has a row on the page, and each row of the page a test", () => {
        assert.deepEqual(Object.keys(rows).sort(), rowsOfThePage().sort());
    });
});
