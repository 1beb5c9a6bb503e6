import assert from "node:assert/strict";
import { initialState } from "../../rotator/attempt-state";
import { RotationError } from "../../rotator/rotation-error";
import type { RunEnd } from "../../rotator/run-errors";
import type { VerifyMode } from "../../rotator/settings";
import { type Verified, verificationAfterError, verificationWithoutAsking } from "../../rotator/unverified";
import { CheckFailed, type Verification, VerificationUnanswered } from "../../rotator/verification";
import { cluster } from "./scripted-outside";
import { intent, settings } from "./task";

const verified = (verify: VerifyMode, { rotated = true, stopped = false } = {}): Verified => ({
    settings: { ...settings, verify },
    rotated,
    cluster: { found: true, ...cluster("Succeeded", { stopped }) },
    server: "https://api.example",
});
const byAzure = ["provisioningState", "caChanged"];
const reasons = ({ notVerified }: Verification) => [...new Set(notVerified.map(({ reason }) => reason))];

describe("a verification for which the API server is not asked", () => {
    it("is one where verify is off or the cluster is stopped, with the reason", () => {
        for (const [own, reason] of [
            [verified("off"), "verify is off"],
            [verified("bestEffort", { stopped: true }), "the cluster is stopped"],
        ] as const) {
            const without = verificationWithoutAsking(own);
            assert.ok(without);
            assert.deepEqual([without.verified, reasons(without)], [byAzure, [reason]]);
        }
        assert.equal(verificationWithoutAsking(verified("required")), undefined);
        assert.equal(verificationWithoutAsking(verified("bestEffort")), undefined);
    });

    it("claims no change of the CA for an adoption", () => {
        const adoption = verificationWithoutAsking(verified("off", { rotated: false }));
        assert.deepEqual(adoption?.verified, []);
    });

    it("is refused where a rotation must be verified, and no adoption is", () => {
        assert.throws(
            () => verificationWithoutAsking(verified("required", { stopped: true })),
            (error) => error instanceof RotationError && /is stopped now/.test(error.message),
        );
        const adoption = verificationWithoutAsking(verified("required", { stopped: true, rotated: false }));
        assert.deepEqual(adoption && [adoption.verified, reasons(adoption)], [[], ["the cluster is stopped"]]);
    });
});

describe("a verification whose error is final", () => {
    const end: RunEnd = { settings, intent, state: initialState, cluster: undefined, now: 0 };
    const message = (thrown: unknown, verify: VerifyMode): string => {
        try {
            verificationAfterError(thrown, verified(verify), end);
        } catch (error) {
            assert.ok(error instanceof RotationError && error.reason === "unverified");
            return error.message;
        }
        throw new Error("It is accepted.");
    };

    it("is recorded with bestEffort where there was no answer, with the checks that were made before", () => {
        const made: Verification = { verified: ["newCaAccepted"], notVerified: [], apiServerCertificate: null };
        const thrown = new VerificationUnanswered(made, new Error("ECONNRESET"));
        const recorded = verificationAfterError(thrown, verified("bestEffort"), end);
        assert.deepEqual(recorded.verified, [...byAzure, "newCaAccepted"]);
        assert.deepEqual(reasons(recorded), ["the API server could not be asked: ECONNRESET"]);
    });

    it("fails where an answer is required, or was the wrong one", () => {
        assert.match(message(new Error("ECONNRESET"), "required"), /cannot be verified: ECONNRESET/);
        for (const verify of ["required", "bestEffort"] as const) {
            assert.match(message(new CheckFailed("the old CA is accepted"), verify), /the old CA is accepted/);
        }
    });

    it("has what AKS support asks for only where it is a matter for them", () => {
        assert.match(message(new CheckFailed("wrong", undefined, true), "required"), /What AKS support asks for/);
        assert.doesNotMatch(message(new CheckFailed("wrong"), "required"), /What AKS support asks for/);
        assert.doesNotMatch(message(new Error("none"), "required"), /What AKS support asks for/);
    });
});
