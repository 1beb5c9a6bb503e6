import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { refuseWrongSignIn, signInEnvironment } from "../../components/azure-sign-in";

describe("the stack's config for azure-native", () => {
    const config = { "azure-native:useOidc": "true", "azure-native:oidcAudience": "api://other" };
    afterEach(() => pulumi.runtime.setAllConfig({}));

    it("is passed on with the audience of OIDC tokens, which azure-native has in no argument", async () => {
        pulumi.runtime.setAllConfig(config);
        const told = await signInEnvironment(undefined, undefined, {} as pulumi.Resource);
        const audience = told?.ARM_OIDC_AUDIENCE ?? assert.fail("it is not passed on");
        assert.equal(await new Promise((resolve) => audience.apply(resolve)), "api://other");
        assert.throws(
            () => refuseWrongSignIn({ oidcAudience: "api://other" } as object, undefined),
            /azure has no oidcAudience\./,
        );
    });

    it("is not the place of a misspelled argument: the nearest is named, or all where there is none", () => {
        const refuse = (azure: object) => () => refuseWrongSignIn(azure, undefined);
        assert.throws(refuse({ clientid: "c" }), /azure has no clientid\. Did you mean clientId\?$/);
        assert.throws(refuse({ password: "c" }), /azure has no password\. There are clientId, tenantId, .*\.$/);
        assert.throws(
            refuse({ clientid: "c", password: "c" }),
            /azure has no clientid, password\. There are clientId, /,
        );
    });
});
