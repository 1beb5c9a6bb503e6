import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { hasSecretArgument, refuseWrongSignIn, signInEnvironment } from "../../components/azure-sign-in";

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

describe("a secret of the sign-in among the Commands' inputs", () => {
    afterEach(() => pulumi.runtime.setAllConfig({}));
    const provider = (inputs: object) => inputs as pulumi.ProviderResource;

    it("is one that azure, the provider or the stack's config has", () => {
        assert.equal(hasSecretArgument({ clientSecret: "s" }, undefined), true);
        assert.equal(hasSecretArgument(undefined, provider({ clientSecret: pulumi.output("s") })), true);
        pulumi.runtime.setAllConfig({ "azure-native:clientSecret": "s" });
        assert.equal(hasSecretArgument(undefined, undefined), true);
    });

    it("is not the environment's, nor an id", () => {
        assert.equal(hasSecretArgument(undefined, undefined), false);
        assert.equal(hasSecretArgument({ clientId: "c", useMsi: true }, undefined), false);
        assert.equal(hasSecretArgument(undefined, provider({ clientId: pulumi.output("c") })), false);
        pulumi.runtime.setAllConfig({ "azure-native:clientId": "c" });
        assert.equal(hasSecretArgument(undefined, undefined), false);
    });

    it("is not that of the stack's config where azure says how to sign in", () => {
        pulumi.runtime.setAllConfig({ "azure-native:clientSecret": "s" });
        assert.equal(hasSecretArgument({ useMsi: true }, undefined), false);
    });
});
