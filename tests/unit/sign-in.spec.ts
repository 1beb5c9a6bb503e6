import assert from "node:assert/strict";
import { findCloud } from "../../azure/cloud";
import { chooseSignIn } from "../../azure/sign-in";

const cloud = { resourceManager: "https://arm", authority: "https://login.example", scope: "https://arm/.default" };
const principal = { ARM_TENANT_ID: "00000000-0000-4000-8000-000000000001", ARM_CLIENT_ID: "client" };
const way = (env: Record<string, string>) => chooseSignIn(env, cloud).way;

describe("the sign-in", () => {
    it("is chosen in the order of azure-native", () => {
        const all = {
            ...principal,
            ARM_CLIENT_CERTIFICATE_PATH: "cert.pem",
            ARM_CLIENT_SECRET: "secret",
            ARM_USE_OIDC: "true",
            ARM_OIDC_TOKEN: "token",
            ARM_USE_MSI: "true",
        };
        const { ARM_CLIENT_CERTIFICATE_PATH: _1, ...noCertificate } = all;
        const { ARM_CLIENT_SECRET: _2, ...noSecret } = noCertificate;
        const { ARM_USE_OIDC: _3, ...noOidc } = noSecret;
        assert.deepEqual(
            [{ ...all, ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true" }, all, noCertificate, noSecret, noOidc, {}].map(way),
            [
                "DefaultAzureCredential",
                "client certificate",
                "client secret",
                "OIDC token",
                "managed identity",
                "az CLI",
            ],
        );
    });

    it("names the variable that is missing", () => {
        assert.throws(
            () => way({ ARM_CLIENT_SECRET: "s", ARM_CLIENT_ID: "c" }),
            /client secret, ARM_TENANT_ID is missing\. Set it and try again\.$/,
        );
        assert.throws(
            () => way({ ARM_CLIENT_SECRET: "s", ARM_TENANT_ID: "t" }),
            /client secret, ARM_CLIENT_ID is missing/,
        );
        assert.throws(() => way({ ...principal, ARM_USE_OIDC: "true" }), /ARM_OIDC_TOKEN_FILE_PATH/);
    });
});

describe("the cloud", () => {
    const signal = new AbortController().signal;

    it("is the public one unless the environment names another", async () => {
        assert.equal((await findCloud({}, signal)).resourceManager, "https://management.azure.com");
        assert.equal(
            (await findCloud({ ARM_ENVIRONMENT: "china" }, signal)).authority,
            "https://login.chinacloudapi.cn",
        );
    });

    it("is refused when its name is unknown", async () => {
        await assert.rejects(findCloud({ ARM_ENVIRONMENT: "mars" }, signal), /ARM_ENVIRONMENT is "mars", .*public/);
    });

    it("is refused when its metadata cannot be had, with what to check", async () => {
        await assert.rejects(
            findCloud({ ARM_METADATA_HOSTNAME: "127.0.0.1:1" }, signal),
            /metadata cannot be read from https:\/\/127\.0\.0\.1:1\/.*ARM_METADATA_HOSTNAME/,
        );
    });
});

describe("a flag of the sign-in", () => {
    it('is set by "true" alone, as azure-native has it', () => {
        assert.equal(way({ ARM_USE_MSI: "1" }), "az CLI");
        assert.equal(way({ ARM_USE_MSI: "true" }), "managed identity");
        assert.equal(way({ ...principal, ARM_USE_OIDC: "TRUE", ARM_OIDC_TOKEN: "t" }), "az CLI");
    });
});
