import assert from "node:assert/strict";
import { Provider, type ProviderArgs } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateRotationArgs } from "../../components";
import { assertNoSecrets } from "../support/leaks";
import { componentAlone } from "../support/program";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

/** Nobody signs in by the environment. */
const environment = { ARM_CLIENT_ID: "", ARM_CLIENT_SECRET: "", ARM_TENANT_ID: "" };

const rotate = "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action";

/** How Pulumi's state marks what it has encrypted. */
const encrypted =
    /"ARM_CLIENT_SECRET":\s*\{\s*"4dabf18193072939515e22adb298388d":\s*"1b47061264138c4ac30d75fd1eb44270",\s*"ciphertext"/;

describe("credentials that are not in the environment", function () {
    this.timeout(engineTimeoutMs);

    it("sign the rotation in, are in the state only encrypted, and rotate nothing when they change", async () => {
        let program = (args: CertificateRotationArgs) => componentAlone(args);
        await using scene = await Scene.open({ environment, program: (args) => program(args) });
        const { tenantId, subscriptionId } = scene.aks;
        const [first, second] = [scene.control.addClient(), scene.control.addClient()];
        // Only the second may rotate: so a rotation tells who signed in.
        scene.control.denyActions([rotate]);
        scene.control.denyActions([], second.clientId);

        const steps: Record<string, { apply(): Promise<void> | void; generation: number; rotations: number }> = {
            "an argument of the component": {
                apply: () => {
                    program = (args) => componentAlone({ ...args, azure: { ...first, tenantId } });
                },
                generation: 1,
                rotations: 0,
            },
            "the same client's next secret": {
                apply: () => {
                    const { clientSecret } = scene.control.renewSecret(first.clientId);
                    program = (args) =>
                        componentAlone({
                            ...args,
                            azure: { ...first, tenantId, clientSecret: pulumi.output(clientSecret) },
                        });
                },
                generation: 1,
                rotations: 0,
            },
            "an azure-native provider, of another client": {
                apply: () => {
                    program = (args) =>
                        componentAlone(args, {
                            providers: [new Provider("azure", { ...second, tenantId, subscriptionId })],
                        });
                },
                generation: 1,
                rotations: 0,
            },
            "the same, and a raised generation": { apply: () => {}, generation: 2, rotations: 1 },
            "the stack's config for azure-native": {
                apply: async () => {
                    program = (args) => componentAlone(args);
                    await scene.project.stack.setAllConfig({
                        "azure-native:clientId": { value: first.clientId },
                        "azure-native:tenantId": { value: tenantId },
                        "azure-native:clientSecret": {
                            value: scene.control.renewSecret(first.clientId).clientSecret,
                            secret: true,
                        },
                    });
                },
                generation: 2,
                rotations: 1,
            },
        };
        for (const [what, { apply, generation, rotations }] of Object.entries(steps)) {
            await apply();
            const { outputs } = await scene.up(generation);
            assert.equal(scene.rotations, rotations, what);
            assert.equal(recordOf(outputs).generation, generation, what);
            assert.equal(outputs.rotation?.secret, false, `${what}: the record is no secret`);
            const state = await scene.files("state");
            assert.match(state, encrypted, what);
            assertNoSecrets(scene, { state, log: scene.log });
        }
    });

    it("that a provider was not made with stay those of the environment, and a preview then plans no change", async () => {
        let settings = {};
        await using scene = await Scene.open({
            program: (args) => componentAlone(args, { provider: new Provider("azure", settings) }),
        });
        settings = { subscriptionId: scene.aks.subscriptionId };
        await scene.up(1);
        assert.deepEqual((await scene.preview(1)).changeSummary, { same: 5 });
        await scene.up(2);
        assert.equal(scene.rotations, 1);
    });

    it("that are tokens, given in clear, are in the state only encrypted", async () => {
        let program = (args: CertificateRotationArgs) => componentAlone(args);
        await using scene = await Scene.open({ environment, program: (args) => program(args) });
        const { tenantId } = scene.aks;
        const { clientId } = scene.control.addClient();
        const { issuer } = await scene.control.addIssuer("github", "subject");
        scene.control.addFederatedCredential(clientId, { issuer, subject: "subject" });
        const oidcToken = await scene.control.identityToken(issuer);
        program = (args) =>
            componentAlone({
                ...args,
                azure: { clientId, tenantId, useOidc: true, oidcToken, oidcRequestToken: "request-token-in-clear" },
            });
        await scene.up(1);
        const state = await scene.files("state");
        assertNoSecrets(scene, { state, log: scene.log });
        assert.ok(!`${state}${scene.log}`.includes("request-token-in-clear"));
        assert.deepEqual((await scene.preview(1)).changeSummary, { same: 5 });
    });

    it("that are tokens, in clear in an azure-native provider, are warned of; as secrets, or encrypted by it, not", async () => {
        let settings: ProviderArgs = {};
        await using scene = await Scene.open({
            environment,
            program: (args) => componentAlone(args, { providers: [new Provider("azure", settings)] }),
        });
        const { tenantId, subscriptionId } = scene.aks;
        const { clientId, clientSecret } = scene.control.addClient();
        const { issuer } = await scene.control.addIssuer("github", "subject");
        scene.control.addFederatedCredential(clientId, { issuer, subject: "subject" });
        const oidcToken = await scene.control.identityToken(issuer);
        const who = { clientId, tenantId, subscriptionId };
        const clear =
            /provider of this component was made with oidcToken in clear[^\n]*pulumi\.secret[^\n]*oidcTokenFilePath/;
        settings = { ...who, useOidc: true, oidcToken };
        await scene.preview(1);
        assert.match(scene.log, clear);
        for (const quiet of [
            { ...who, useOidc: true, oidcToken: pulumi.secret(oidcToken) },
            { ...who, clientSecret },
        ]) {
            settings = quiet;
            const told = scene.log.length;
            await scene.up(1);
            assert.doesNotMatch(scene.log.slice(told), /in clear/);
            assertNoSecrets(scene, { state: await scene.files("state") });
        }
    });

    it("are refused where two say different things, and where there is no such argument", async () => {
        let program = (args: CertificateRotationArgs) => componentAlone(args);
        await using scene = await Scene.open({ environment, program: (args) => program(args) });
        program = (args) =>
            componentAlone(
                { ...args, azure: { clientId: "c" } },
                { providers: [new Provider("azure", { useMsi: true })] },
            );
        assert.match(
            await scene.failure(scene.preview(1)),
            /both azure and an azure-native provider say how to sign in/,
        );
        const misspelt = { clientSecrets: "c" } as object;
        program = (args) => componentAlone({ ...args, azure: misspelt });
        assert.match(await scene.failure(scene.preview(1)), /azure has no clientSecrets\. Did you mean clientSecret\?/);
    });

    it("that are tokens of the environment are not in the state: another one in the next run changes nothing", async () => {
        await using scene = await Scene.open();
        const { clientId } = scene.control.addClient();
        const { issuer } = await scene.control.addIssuer("github", "subject");
        scene.control.addFederatedCredential(clientId, { issuer, subject: "subject" });
        const variables = scene.project.stack.workspace.envVars;
        for (const changes of [{ create: 4 }, { same: 4 }]) {
            Object.assign(variables, {
                ARM_CLIENT_ID: clientId,
                ARM_CLIENT_SECRET: "",
                ARM_USE_OIDC: "true",
                ARM_OIDC_TOKEN: await scene.control.identityToken(issuer),
            });
            assert.deepEqual((await scene.up(1)).summary.resourceChanges, changes);
            assertNoSecrets(scene, { state: await scene.files("state"), log: scene.log });
        }
    });
});
