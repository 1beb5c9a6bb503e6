import assert from "node:assert/strict";
import { findCloud } from "../../azure/cloud";
import { isGranted } from "../../azure/permission";
import { explainSignIn } from "../../azure/sign-in/explain-sign-in";

const ACTION = "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action";
const signal = () => AbortSignal.timeout(5000);

/** Runs something that must not take long, whatever the text. */
function inNoTime<T>(run: () => T): T {
    const began = performance.now();
    const result = run();
    assert.ok(performance.now() - began < 500, `${performance.now() - began} ms`);
    return result;
}

describe("a permission", () => {
    const granted: [pattern: string, isGranted: boolean][] = [
        ["*", true],
        [ACTION, true],
        [ACTION.toUpperCase(), true],
        ["*/action", true],
        ["*/rotateClusterCertificates/*", true],
        ["Microsoft.ContainerService/*", true],
        ["Microsoft.ContainerService/*/rotate*/action", true],
        ["Microsoft.*/managedClusters/**/action", true],
        ["*e*e*e*e*e*n", true],
        ["", false],
        ["*/read", false],
        ["Microsoft.ContainerService", false],
        ["MicrosoftxContainerService/*", false],
        [`${ACTION}/*`, false],
        [`*${ACTION}x`, false],
        ["*action*action", false],
        ["Microsoft.ContainerService/*ContainerService/managedClusters/rotateClusterCertificates/action", false],
        ["[a-z]*", false],
    ];
    for (const [pattern, expected] of granted) {
        it(`"${pattern}" ${expected ? "grants" : "does not grant"} the rotation`, () => {
            assert.equal(isGranted(ACTION, [{ actions: [pattern] }]), expected);
            assert.equal(isGranted(ACTION, [{ actions: ["*"], notActions: [pattern] }]), !expected);
        });
    }

    it("that is hostile is read in no time", () => {
        for (const pattern of [`${"*e".repeat(25)}*x`, `${"*".repeat(100_000)}x`, `${"*a".repeat(100_000)}`]) {
            assert.equal(
                inNoTime(() => isGranted(ACTION, [{ actions: [pattern] }])),
                false,
            );
        }
    });
});

describe("a cloud's name", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "CONSTRUCTOR"]) {
        it(`is not ${name}`, async () => {
            for (const variable of ["ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"]) {
                await assert.rejects(findCloud({ [variable]: name, ARM_USE_MSI: "true" }, signal()), {
                    message: `${variable} is "${name}", but must be one of public, usgovernment, china; for another cloud set ARM_METADATA_HOSTNAME.`,
                });
            }
        });
    }
});

describe("the words of the sign-in service", () => {
    it("are read in no time, whatever they are, and without numbers and times", () => {
        const signIn = { way: "client secret", clues: { proof: "ARM_CLIENT_SECRET" } };
        const error = (message: string) => Object.assign(new Error(message), { name: "AuthenticationError" });
        const hostile = `AADSTS7000215: Invalid${" ".repeat(200_000)}x`;
        assert.match(inNoTime(() => explainSignIn(error(hostile), signIn, {})) ?? "", /Invalid/);
        const usual = "400: AADSTS7000215: Invalid client secret.  Trace ID: 1 Correlation ID: 2 Timestamp: 3";
        assert.match(explainSignIn(error(usual), signIn, {}) ?? "", /\): AADSTS7000215: Invalid client secret\.\n/);
    });
});
