import assert from "node:assert/strict";
import { certificatesIn, fingerprintsOf } from "../../formats/certificate";
import type { Kubeconfig } from "../../formats/kubeconfig";
import type { RotationRecord } from "../../formats/record";
import { createClusterSecrets } from "../../rehearsal/local-aks/cluster-secrets";
import { caBefore, compareCa, earlierCa } from "../../rotator/earlier-ca";
import { credentials } from "./scripted-outside";
import { adopted, intent } from "./task";

/** The record of a rotation from one CA to another, a second after the intent, or before it. */
const rotation = (from: string, to: string, ms = 1000): RotationRecord => ({
    ...adopted,
    outcome: "rotated",
    caBefore: [from],
    caAfter: [to],
    finished: new Date(Date.parse(intent.askedAt) + ms).toISOString(),
});

describe("the CA right before a rotation", () => {
    it("is the record's where that is younger than the intent, by its time or since it starts from the intent's CA", () => {
        assert.deepEqual(caBefore(intent, rotation("Z", "B"), undefined).fingerprints, ["B"]);
        assert.deepEqual(caBefore(intent, rotation("A", "B", -1000), undefined).fingerprints, ["B"]);
        const recreated: RotationRecord = { ...rotation("B", "B"), outcome: "adopted" };
        assert.deepEqual(caBefore(intent, recreated, undefined).fingerprints, ["B"]);
    });

    it("is the intent's where the record is older, or there is none", () => {
        assert.deepEqual(caBefore(intent, rotation("Z", "Y", -1000), undefined).fingerprints, ["A"]);
        assert.deepEqual(caBefore(intent, undefined, undefined), { fingerprints: ["A"], certificate: "A" });
    });

    it("has the intent's certificate where the record is of the same CA", () => {
        assert.deepEqual(caBefore(intent, rotation("Z", "A"), undefined), { fingerprints: ["A"], certificate: "A" });
    });

    it("has no certificate but one of its own fingerprints", () => {
        const younger = rotation("A", "B");
        assert.equal(caBefore(intent, younger, undefined).certificate, undefined);
        assert.equal(caBefore(intent, younger, credentials("C")).certificate, undefined);
        assert.equal(caBefore(intent, younger, credentials("B")).certificate, "B");
    });
});

describe("a CA bundle beside those of before", () => {
    const relation = (now: string[], record?: RotationRecord) => {
        const { isUnchanged, hasEarlier, hasNew } = compareCa(now, intent, record);
        return [isUnchanged, hasEarlier, hasNew];
    };

    it("is unchanged, overlaps, or is new", () => {
        assert.deepEqual(relation(["A"]), [true, true, false]);
        assert.deepEqual(relation(["A", "C"]), [false, true, true]);
        assert.deepEqual(relation(["C"]), [false, false, true]);
    });

    it("counts the CAs of the intent and of the record as earlier ones", () => {
        const record = rotation("Z", "B");
        assert.deepEqual(relation(["A"], record), [true, true, false]);
        assert.deepEqual(relation(["B"], record), [true, true, false]);
        assert.deepEqual(relation(["A", "B"], record), [false, true, false]);
        assert.deepEqual(relation(["C"], record), [false, false, true]);
    });
});

describe("what the API server's certificate is compared with", () => {
    it("is the certificates of before, from the intent and the credentials, and never a new one", async () => {
        const day = 86_400;
        const make = async () => (await createClusterSecrets({ ca: day, server: day, client: day })).ca.certificate;
        const [before, recorded, now] = await Promise.all([make(), make(), make()]);
        const prints = (...texts: string[]) => fingerprintsOf(certificatesIn(texts.join("\n")));
        const hold = (...texts: string[]): Kubeconfig => ({
            ...credentials("A"),
            caFingerprints: prints(...texts),
            ca: certificatesIn(texts.join("\n")),
        });
        const own = { ...intent, caFingerprints: prints(before), caCertificate: before };
        const record = { ...adopted, caAfter: prints(recorded) };

        const lagging = earlierCa(own, record, hold(recorded, now));
        assert.deepEqual([...lagging.fingerprints].sort(), prints(before, recorded));
        assert.deepEqual(fingerprintsOf([...lagging.certificates]), prints(before, recorded));
        assert.equal(lagging.isComplete, true);

        const rotated = earlierCa(own, record, hold(now));
        assert.deepEqual(fingerprintsOf([...rotated.certificates]), prints(before));
        assert.equal(rotated.isComplete, false, "a mismatch proves nothing where a certificate of before is not known");
        assert.equal(earlierCa({ ...own, caCertificate: undefined }, undefined, hold(now)).isComplete, false);
        assert.equal(earlierCa({ ...own, caCertificate: undefined }, undefined, hold(before)).isComplete, true);
    });
});
