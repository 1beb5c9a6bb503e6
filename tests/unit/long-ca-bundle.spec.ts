import assert from "node:assert/strict";
import { MAX_DOCUMENT_BYTES, sizeOf } from "../../formats/document";
import { fitIntent, type Intent, parseIntent } from "../../formats/intent";
import { fitRecord, parseRecord, type RotationRecord } from "../../formats/record";
import { caBefore } from "../../rotator/earlier-ca";
import { verifyRotation } from "../../rotator/verify";
import { clusterFixture, hurried, rotated, signal } from "../support/cluster-fixture";
import { credentials } from "./scripted-outside";
import { adopted, intent } from "./task";

/** Fingerprints of so many CAs. */
const fingerprints = (count: number, letter = "A") =>
    [...Array(count).keys()].map((i) => `${letter}${i}:`.padEnd(95, "0F:"));

describe("an intent of a CA bundle that is long", () => {
    const long: Intent = { ...intent, caFingerprints: fingerprints(20), caCertificate: "certificate\n".repeat(2000) };

    it("keeps the fingerprints and drops the PEM text, and is read again", () => {
        const { caCertificate: _, ...short } = long;
        assert.deepEqual(fitIntent(long), short);
        assert.deepEqual(parseIntent(JSON.stringify(fitIntent(long))), short);
        assert.ok(sizeOf(fitIntent(long)) <= MAX_DOCUMENT_BYTES);
        assert.equal(fitIntent(intent), intent);
    });

    it("is refused where the fingerprints alone are too long, before anything is done", () => {
        assert.throws(
            () => fitIntent({ ...long, caFingerprints: fingerprints(90) }),
            /has 90 CA certificates: .*Nothing was rotated/,
        );
    });

    it("has its PEM text from credentials of before the rotation, where this process has read them", () => {
        const short = fitIntent({ ...long, caFingerprints: ["A"] });
        assert.equal(short.caCertificate, undefined);
        assert.equal(caBefore(short, undefined, credentials("A")).certificate, "A");
        assert.equal(caBefore(short, undefined, credentials("B")).certificate, undefined);
        assert.equal(caBefore(short, undefined, undefined).certificate, undefined);
    });

    it("leaves it open whether the old CA is refused, and everything else is verified", async () => {
        await using fixture = await clusterFixture();
        const { before, now } = await rotated(fixture);
        const verify = (caCertificate: string | undefined) =>
            verifyRotation(now, { caCertificate, credentials: before }, fixture.getToken, signal(), { clock: hurried });
        const whole = await verify(before.caCertificate);
        const short = await verify(undefined);
        assert.ok(whole.verified.includes("oldCaRefused"));
        assert.deepEqual(
            short.verified,
            whole.verified.filter((check) => check !== "oldCaRefused"),
        );
        assert.deepEqual(
            short.notVerified.map(({ check }) => check),
            ["oldCaRefused"],
        );
    });
});

describe("a record that is long", () => {
    it("keeps the CA of now, with texts of others shortened, and is read again", () => {
        const reason = "Azure's words, again and again; ".repeat(100);
        const long: RotationRecord = {
            ...adopted,
            caBefore: fingerprints(60),
            caAfter: fingerprints(60, "B"),
            notVerified: (["oldCaRefused", "newCredentialsAccepted"] as const).map((check) => ({ check, reason })),
        };
        const short = fitRecord(long);
        assert.ok(sizeOf(short) <= MAX_DOCUMENT_BYTES);
        assert.deepEqual([short.caBefore, short.caAfter], [long.caBefore, long.caAfter]);
        assert.match(short.notVerified[0]?.reason ?? "", /^Azure's words.* \[… \d+ bytes\] .*again; $/);
        assert.deepEqual(parseRecord(JSON.stringify(short)), short);
        const longer = fitRecord({ ...long, caAfter: fingerprints(140, "B") });
        assert.ok(sizeOf(longer) <= MAX_DOCUMENT_BYTES);
        assert.deepEqual([longer.caBefore, longer.caAfter.length], [[], 140]);
        assert.equal(fitRecord(adopted), adopted);
        const name = "CN=".padEnd(3000, "x");
        const certificate = { subject: name, issuer: name, expires: "2026-01-01T00:00:00.000Z", fingerprint: "A" };
        const { apiServerCertificate } = fitRecord({ ...long, apiServerCertificate: certificate });
        assert.ok((apiServerCertificate?.subject.length ?? 3000) < 500);
        assert.ok((apiServerCertificate?.issuer.length ?? 3000) < 500);
        assert.equal(apiServerCertificate?.fingerprint, "A");
    });
});
