import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain } from "../../azure/explain";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { type ClientCertificate, makeClientCertificate } from "../support/client-certificate";
import { startConnectProxy } from "../support/connect-proxy";
import { makePfx } from "../support/pfx";
import { failureOf, type RefusedSignIn, ref } from "../support/sign-in";

describe("a sign-in to Azure that cannot be", () => {
    let aks: LocalAks;
    let folder: string;
    let known: ClientCertificate;
    let expired: ClientCertificate;
    let client: { clientId: string; clientSecret: string };
    let principal: Record<string, string>;
    const nobody = "00000000-0000-4000-8000-000000000001";

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...ref, backend: "light" });
        folder = await mkdtemp(join(tmpdir(), "sign-in-"));
        [known, expired] = await Promise.all([makeClientCertificate(), makeClientCertificate(-1)]);
        client = aks.control.addClient();
        principal = { ARM_CLIENT_ID: client.clientId, ARM_TENANT_ID: aks.tenantId };
        aks.control.addCertificate(client.clientId, expired.certificate);
    });
    after(async () => {
        await aks.close();
        await rm(folder, { recursive: true, force: true });
    });

    async function file(content: string | Buffer): Promise<string> {
        const path = join(folder, "file");
        await writeFile(path, content);
        return path;
    }

    const certificate = async (content: string | Buffer, password?: string) => ({
        ...principal,
        ARM_CLIENT_CERTIFICATE_PATH: await file(content),
        ...(password !== undefined && { ARM_CLIENT_CERTIFICATE_PASSWORD: password }),
    });
    const tenant = () => `tenant ${aks.tenantId}`;
    const who = () => `client ${client.clientId}`;

    /** A token of an issuer that the client trusts for another subject, or as it is changed. */
    async function token(change: Parameters<typeof aks.control.identityToken>[1], trusted = true) {
        const { issuer } = await aks.control.addIssuer("github", "subject");
        const other = await aks.control.addIssuer("github", "subject");
        aks.control.addFederatedCredential(client.clientId, {
            issuer: trusted ? issuer : other.issuer,
            subject: "subject",
        });
        const ARM_OIDC_TOKEN = await aks.control.identityToken(issuer, change);
        return { ...principal, ARM_USE_OIDC: "true", ARM_OIDC_TOKEN };
    }

    const oidc = (variables: Record<string, string>) => () => ({ ...principal, ARM_USE_OIDC: "true", ...variables });

    const cases: Record<string, RefusedSignIn> = {
        "a secret without a tenant": {
            env: () => ({ ARM_CLIENT_ID: "c", ARM_CLIENT_SECRET: "s" }),
            says: [/with a client secret, ARM_TENANT_ID is missing/],
        },
        "a secret without a client": {
            env: () => ({ ARM_TENANT_ID: "t", ARM_CLIENT_SECRET: "s" }),
            says: [/with a client secret, ARM_CLIENT_ID is missing/],
        },
        "a certificate without both": {
            env: () => ({ ARM_CLIENT_CERTIFICATE_PATH: "cert.pem" }),
            says: [/with a client certificate, ARM_TENANT_ID and ARM_CLIENT_ID are missing/],
        },
        "a wrong secret": {
            env: () => ({ ...principal, ARM_CLIENT_SECRET: "wrong" }),
            says: [
                /AADSTS7000215/,
                /client secret/,
                tenant,
                who,
                /What is in ARM_CLIENT_SECRET is not a secret of client/,
            ],
        },
        "a secret that has expired": {
            env: () => {
                const { clientId, clientSecret } = aks.control.addClient();
                aks.control.expireSecret(clientId);
                return { ...principal, ARM_CLIENT_ID: clientId, ARM_CLIENT_SECRET: clientSecret };
            },
            says: [/AADSTS7000222/, tenant, /The secret in ARM_CLIENT_SECRET has expired.*az ad app credential reset/],
        },
        "a client that is not there": {
            env: () => ({ ...principal, ARM_CLIENT_ID: nobody, ARM_CLIENT_SECRET: "s" }),
            says: [/AADSTS700016/, tenant, /Check ARM_CLIENT_ID .* and ARM_TENANT_ID/],
        },
        "a tenant that is not there": {
            env: () => ({ ...principal, ARM_TENANT_ID: nobody, ARM_CLIENT_SECRET: "s" }),
            says: [/AADSTS90002/, () => `tenant ${nobody}`, /Check ARM_TENANT_ID, and ARM_ENVIRONMENT/],
        },
        "another tenant than the subscription's": {
            env: () => ({
                ...principal,
                ARM_TENANT_ID: aks.control.addTenant(client.clientId).tenantId,
                ARM_CLIENT_SECRET: client.clientSecret,
            }),
            says: [
                /401 InvalidAuthenticationTokenTenant/,
                () => aks.tenantId,
                /another tenant than subscription .* Set ARM_TENANT_ID/,
            ],
        },
        "a certificate file that is not there": {
            env: () => ({ ...principal, ARM_CLIENT_CERTIFICATE_PATH: "/nowhere/cert.pfx" }),
            says: [/ARM_CLIENT_CERTIFICATE_PATH is "\/nowhere\/cert.pfx", but that file cannot be read \(ENOENT\)/],
        },
        "a certificate file without a key": {
            env: () => certificate(known.certificate),
            says: [/ARM_CLIENT_CERTIFICATE_PATH is .* there is no private key in it/],
        },
        "a certificate file without a certificate": {
            env: () => certificate(known.key),
            says: [/there is no certificate in it/],
        },
        "a certificate that does not fit its key": {
            env: () => certificate(expired.certificate + known.key),
            says: [/no certificate in it fits its key/],
        },
        "a certificate file that is neither PEM nor PFX": {
            env: () => certificate("hello"),
            says: [/neither a PEM nor a PFX file/],
        },
        "a PFX whose password is missing": {
            env: () => certificate(makePfx(known, "pa55")),
            says: [/which has a password, but ARM_CLIENT_CERTIFICATE_PASSWORD is not set/],
        },
        "a PFX with a wrong password": {
            env: () => certificate(makePfx(known, "pa55"), "wr0ng"),
            says: [/ARM_CLIENT_CERTIFICATE_PASSWORD is not the password of/],
        },
        "a PFX with a wrong password that is not ASCII": {
            env: () => certificate(makePfx(known, "pa55"), "wr0ng é"),
            says: [/its password is wrong, or cannot be used here: it has characters that are not ASCII/],
        },
        "a PEM with a wrong password": {
            env: () => {
                const how = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "pa55" } as const;
                return certificate(known.certificate + createPrivateKey(known.key).export(how), "wr0ng");
            },
            says: [/ARM_CLIENT_CERTIFICATE_PASSWORD is not the password of/],
        },
        "a certificate that is not registered": {
            env: () => certificate(known.certificate + known.key),
            says: [/AADSTS700027/, tenant, who, /ARM_CLIENT_CERTIFICATE_PATH \("\S+"\)\) is not a valid one/],
        },
        "a certificate that has expired": {
            env: () => certificate(expired.certificate + expired.key),
            says: [/AADSTS700027.*expired/, tenant, /Upload the certificate to the app registration/],
        },
        "OIDC without a token": {
            env: oidc({}),
            says: [/ARM_USE_OIDC is set, but there is no token: set ARM_OIDC_TOKEN.*id-token: write/],
        },
        "OIDC without its request token": {
            env: oidc({ ACTIONS_ID_TOKEN_REQUEST_URL: "https://127.0.0.1:1" }),
            says: [/ACTIONS_ID_TOKEN_REQUEST_URL is set without ACTIONS_ID_TOKEN_REQUEST_TOKEN/],
        },
        "OIDC from Azure DevOps with parts missing": {
            env: oidc({ SYSTEM_OIDCREQUESTURI: "https://127.0.0.1:1" }),
            says: [/missing: SYSTEM_ACCESSTOKEN, .*System.AccessToken.*; ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID/],
        },
        "an OIDC token file that is not there": {
            env: oidc({ ARM_OIDC_TOKEN_FILE_PATH: "/nowhere/token" }),
            says: [/ARM_OIDC_TOKEN_FILE_PATH is "\/nowhere\/token", but that file cannot be read \(ENOENT\)/],
        },
        "an OIDC token file that is empty": {
            env: async () => oidc({ ARM_OIDC_TOKEN_FILE_PATH: await file("\n") })(),
            says: [/ARM_OIDC_TOKEN_FILE_PATH .* is empty/],
        },
        "an OIDC token that is none": {
            env: oidc({ ARM_OIDC_TOKEN: "hello" }),
            says: [/AADSTS50027/, tenant, /ARM_OIDC_TOKEN is no token/],
        },
        "an OIDC token that has expired": {
            env: () => token({ seconds: -60 }),
            says: [/AADSTS700024/, tenant, who, /The token \(ARM_OIDC_TOKEN\) has expired, or the clock/],
        },
        "an OIDC token of an issuer that is not trusted": {
            env: () => token({}, false),
            says: [/AADSTS700211/, tenant, /federated identity credential of client .* issuer of the token/],
        },
        "an OIDC token of another subject": {
            env: () => token({ subject: "repo:shop/infra:pull_request" }),
            says: [/AADSTS700213.*repo:shop\/infra:pull_request/, tenant, /has the subject of the token/],
        },
        "an OIDC token for another audience": {
            env: () => token({ audience: "https://example.com" }),
            says: [/AADSTS700212/, tenant, /has the audience .*ARM_OIDC_AUDIENCE/],
        },
        "an OIDC token that is forged": {
            env: () => token({ forged: true }),
            says: [/AADSTS50013/, tenant, /The signature of the token/],
        },
        "a request token that GitHub does not take": {
            env: async () => {
                const { requestUrl } = await aks.control.addIssuer("github", "subject");
                return oidc({ ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "wrong" })();
            },
            says: [
                /\(ACTIONS_ID_TOKEN_REQUEST_URL\) was answered 401\. The job needs the permission `id-token: write`/,
            ],
        },
        "a service connection that Azure DevOps does not know": {
            env: async () => {
                const { requestUrl, requestToken } = await aks.control.addIssuer("azureDevOps", "subject");
                return oidc({
                    SYSTEM_OIDCREQUESTURI: requestUrl,
                    SYSTEM_ACCESSTOKEN: requestToken,
                    ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID: nobody,
                })();
            },
            says: [/\(SYSTEM_OIDCREQUESTURI\) was answered 404\. Check the service connection 0000/],
        },
        "a managed identity that is not there": {
            // The machine has an identity of its own: it must not be taken for the one that is named.
            env: () => ({
                ARM_USE_MSI: "true",
                ARM_CLIENT_ID: nobody,
                ...aks.control.addManagedIdentity("system").imds,
            }),
            says: [
                /no Azure credentials \(managed identity, client 0000/,
                /set ARM_CLIENT_ID to the client id of the one to use/,
            ],
        },
        "no az": {
            env: () => ({ PATH: folder }),
            says: [
                /no Azure credentials \(az CLI\): Azure CLI could not be found/,
                /Run az login, or set ARM_CLIENT_ID/,
            ],
        },
        "no az, and a flag that azure-native does not take": {
            env: () => ({ PATH: folder, ARM_USE_MSI: "1" }),
            says: [/ARM_USE_MSI is "1": azure-native and the rotation take "true" alone/],
        },
        "no means for DefaultAzureCredential": {
            env: () => ({ ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true", AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" }),
            says: [/no Azure credentials \(DefaultAzureCredential/, /Set AZURE_CLIENT_ID and AZURE_TENANT_ID/],
        },
        "auxiliary tenants that are no list": {
            env: () => ({ ...principal, ARM_CLIENT_SECRET: "s", ARM_AUXILIARY_TENANT_IDS: '["a"' }),
            says: [/ARM_AUXILIARY_TENANT_IDS must be a JSON list/],
        },
        "a cloud that is not there": {
            env: () => ({ ARM_METADATA_HOSTNAME: "", ARM_ENVIRONMENT: "mars" }),
            says: [/ARM_ENVIRONMENT is "mars", but must be one of public, usgovernment, china/],
        },
        "a metadata host that does not answer": {
            env: () => ({ ARM_METADATA_HOSTNAME: "127.0.0.1:1" }),
            says: [/metadata cannot be read from https:\/\/127\.0\.0\.1:1\/.*ARM_METADATA_HOSTNAME/],
        },
        "a proxy that is no URL": {
            env: () => ({ ARM_METADATA_HOSTNAME: "aks.test", HTTPS_PROXY: "socks5://127.0.0.1:1" }),
            says: [
                /HTTPS_PROXY is a SOCKS proxy \(socks5:\/\/\), which is not supported here: it must be an HTTP proxy/,
            ],
        },
        "a proxy that does not answer": {
            env: () => ({ ARM_METADATA_HOSTNAME: "aks.test", HTTPS_PROXY: "http://127.0.0.1:1" }),
            says: [/ECONNREFUSED 127\.0\.0\.1:1.*HTTPS_PROXY and NO_PROXY/],
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
            assert.doesNotMatch(said, /pa55|wr0ng/);
        });
    }

    it("names a proxy that wants a password, without the one it was given", async () => {
        await using proxy = await startConnectProxy("user:pa55");
        const wrong = proxy.url.replace("pa55", "wr0ng");
        const env = { ...principal, ARM_CLIENT_SECRET: "s", ARM_METADATA_HOSTNAME: "aks.test", HTTPS_PROXY: wrong };
        const said = await failureOf(aks, env);
        assert.match(said, /407.*HTTPS_PROXY/);
        assert.doesNotMatch(said, /wr0ng/);
    });

    it("leaves an error that is not of the sign-in as it is", () => {
        const signIn = { way: "client secret", clues: { proof: "ARM_CLIENT_SECRET" } };
        const names = {
            subscriptionId: "s",
            resourceGroupName: "g",
            clusterName: "c",
            clusterId: "i",
            credentials: "user",
        };
        assert.equal(
            explain(new Error("of another kind"), { ...names, credentials: "user" }, signIn),
            "of another kind",
        );
    });
});
