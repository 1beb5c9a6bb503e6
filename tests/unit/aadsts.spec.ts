import assert from "node:assert/strict";
import { AuthenticationRequiredError, CredentialUnavailableError } from "@azure/identity";
import { explainSignIn } from "../../azure/sign-in/explain-sign-in";
import { aadsts, aadstsCode } from "../../formats/aadsts";

const signIn = {
    way: "client secret",
    clues: { tenantId: "tenant-1", clientId: "client-1", proof: "ARM_CLIENT_SECRET" },
};

describe("an error of the sign-in service", () => {
    for (const [code, advice] of Object.entries(aadsts)) {
        it(`AADSTS${code} comes with what to do, also where client and tenant are not known`, () => {
            for (const clues of [signIn.clues, { proof: "az login" }]) {
                const said = advice(clues);
                assert.match(said, /\w{3,}.*[.]$/s);
                assert.doesNotMatch(said, /undefined|\[object/);
            }
            const words = `invalid_client: AADSTS${code}: Azure's words. Trace ID: x Correlation ID: y`;
            const error = new AuthenticationRequiredError({ scopes: [], message: words });
            const explained = explainSignIn(error, signIn, {});
            assert.ok(
                explained?.startsWith(
                    "Azure did not accept the sign-in (client secret, client client-1, tenant tenant-1): AADSTS",
                ),
            );
            assert.ok(explained?.endsWith(`: Azure's words.\n${advice(signIn.clues)}`));
        });
    }

    it("that is not listed comes with what goes together", () => {
        const explained = explainSignIn(new CredentialUnavailableError("AADSTS99999: New."), signIn, {});
        assert.match(explained ?? "", /AADSTS99999: New\.\nCheck ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET/);
    });

    it("has its number read from Azure's words, and from no others", () => {
        assert.equal(aadstsCode("x AADSTS700016: Application"), 700016);
        assert.equal(aadstsCode("700016"), undefined);
    });
});
