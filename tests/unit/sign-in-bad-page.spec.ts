import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");

/** For each way of the page, what can be wrong with it: the names of tests. */
const wrong: Record<string, string[]> = {
    "client-secret": ["a secret without a tenant", "a wrong secret", "a secret that has expired"],
    "client-certificate-pem": [
        "a certificate file without a key",
        "a certificate that is not registered",
        "a certificate that has expired",
    ],
    "client-certificate-pem-password": ["a PEM with a wrong password"],
    "client-certificate-pfx": ["a certificate file that is neither PEM nor PFX"],
    "client-certificate-pfx-password": ["a PFX whose password is missing", "a PFX with a wrong password"],
    "oidc-token": ["OIDC without a token", "an OIDC token that is none", "an OIDC token that has expired"],
    "oidc-token-file": ["an OIDC token file that is not there", "an OIDC token file that is empty"],
    "oidc-github-actions": [
        "OIDC without its request token",
        "a request token that GitHub does not take",
        "an OIDC token of another subject",
    ],
    "oidc-azure-devops": [
        "OIDC from Azure DevOps with parts missing",
        "a service connection that Azure DevOps does not know",
    ],
    "managed-identity-system": [
        "tells that a machine has no managed identity, whether it is one of Azure or not, and what to do",
    ],
    "managed-identity-user": ["a managed identity that is not there"],
    "managed-identity-app-service": ["tells that App Service's endpoint refuses, and what to do"],
    "workload-identity": [
        "a workload identity without a client",
        "a workload identity's token that has expired",
        "a workload identity's token of another service account",
    ],
    "default-azure-credential": [
        "no means for DefaultAzureCredential",
        "a secret for DefaultAzureCredential without a tenant",
        "a wrong secret for DefaultAzureCredential",
    ],
    "az-cli": ["no az", "az that nobody is logged in to", "az whose sign-in has expired by a policy"],
    "auxiliary-tenants": [
        "auxiliary tenants that are no list",
        "with Microsoft Entra ID in another tenant than the sign-in: it says which variable to set",
    ],
    "cloud-name": ["a cloud that is not there"],
    "cloud-metadata-host": ["a metadata host that does not answer"],
    proxy: ["a proxy that is no URL", "a proxy that does not answer"],
    // In the test of the row itself: without the variable the certificate is not trusted, and it says which to set.
    "private-ca-ssl-cert-file": ["private-ca-ssl-cert-file"],
    "private-ca-node": ["private-ca-ssl-cert-file"],
};

describe("what is told of a sign-in that cannot be", () => {
    it("is tested for each way of the page, with a part that is missing, expired or wrong", () => {
        const rows = [...read("docs", "sign-in.md").matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id = ""]) => id);
        assert.deepEqual(Object.keys(wrong).sort(), rows.sort());
        const specs = ["sign-in-bad-input", "sign-in-bad-default", "sign-in-ways", "clusters"];
        const tests = specs.map((name) => read("tests", "unit", `${name}.spec.ts`)).join("\n");
        for (const [way, names] of Object.entries(wrong)) {
            for (const name of names) {
                assert.ok(tests.includes(`"${name}"`), `${way}: ${name}`);
            }
        }
    });
});
