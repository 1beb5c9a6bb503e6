import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import { AuthenticationRequiredError, CredentialUnavailableError } from "@azure/identity";
import { explain } from "../../azure/explain";
import { explainSignIn } from "../../azure/sign-in/explain-sign-in";

const names = { resourceGroupName: "group", clusterName: "blue", subscriptionId: "sub", credentials: "user" } as const;
const signIn = { way: "client secret", clues: { proof: "ARM_CLIENT_SECRET", clientId: "mine" } };

/** Azure's words about the secret of the cluster's service principal. */
const EXPIRED = "AADSTS7000222: The provided client secret keys for app 'the-cluster' are expired.";

describe("Azure's words about the cluster's own service principal", () => {
    const said =
        `The rotation of the cluster "blue" ended Failed. Azure says: ServicePrincipalValidationClientError: ${EXPIRED}\n` +
        "For AKS support:\n  operation id: 0815";

    it("are not explained as an error of this program's sign-in, and nothing of the message is lost", () => {
        for (const error of [
            new Error(said),
            Object.assign(new Error(said), { name: "Stopped" }),
            new TypeError(said),
        ]) {
            assert.equal(explainSignIn(error, signIn, {}), undefined);
            assert.equal(explain(error, names, signIn), said);
        }
    });

    it("are Azure's answer where it refuses the request with them", () => {
        const error = new RestError(EXPIRED, { code: "ServicePrincipalValidationClientError", statusCode: 400 });
        const explained = explain(error, names, signIn);
        assert.match(explained, /^Azure answered 400 ServicePrincipalValidationClientError: AADSTS7000222/);
        assert.match(explained, /cluster's own service principal.*az aks update-credentials/);
        assert.doesNotMatch(explained, /az ad app credential reset|ARM_CLIENT_SECRET/);
    });
});

describe("an error of the sign-in itself", () => {
    it("is explained as such", () => {
        for (const error of [
            new AuthenticationRequiredError({ scopes: [], message: `invalid_client: ${EXPIRED}` }),
            new CredentialUnavailableError(EXPIRED),
        ]) {
            assert.match(
                explain(error, names, signIn),
                /^Azure did not accept the sign-in .*\n.*ARM_CLIENT_SECRET has expired/s,
            );
        }
    });
});
