import assert from "node:assert/strict";
import { type Check, checks, type RotationRecord } from "../../formats/record";
import { withoutApiServer } from "../../rotator/verification";
import { assertRecord, type RecordExpected } from "../support/record-check";

const began = new Date("2026-01-02T10:00:00.000Z");
const expected: RecordExpected = {
    generation: 2,
    outcome: "rotated",
    cluster: { id: "/Subscriptions/1/Blue", resourceUID: "uid", caFingerprint: "bb" },
    limit: "none",
    began,
};
const all = Object.keys(checks) as Check[];
const rotated: RotationRecord = {
    record: 1,
    generation: 2,
    outcome: "rotated",
    clusterId: "/subscriptions/1/blue",
    resourceUID: "uid",
    started: "2026-01-02T10:00:01.000Z",
    finished: "2026-01-02T10:00:03.500Z",
    durationSeconds: 2.5,
    caBefore: ["AA"],
    caAfter: ["BB"],
    outage: { totalSeconds: 2, longestSeconds: 1 },
    apiServerCertificate: { subject: "s", issuer: "i", expires: "2999-01-01T00:00:00.000Z", fingerprint: "CC" },
    verified: all,
    notVerified: [],
};
const without = (check: Check, reason: string) => ({
    verified: all.filter((one) => one !== check),
    notVerified: [{ check, reason }],
});
const gone = without("oldClientCertificateRefused", "the process that held it has ended; it is kept nowhere");
const found = { ...rotated, outcome: "found rotated", started: null, durationSeconds: null } as const;
const adopted: RotationRecord = {
    ...found,
    outcome: "adopted",
    caBefore: ["BB"],
    outage: null,
    verified: ["newCaAccepted", "newCredentialsAccepted"],
};
const unseen = { outage: null, apiServerCertificate: null };

describe("what a record must say", () => {
    const good: Record<string, [RotationRecord, Partial<RecordExpected>]> = {
        "rotated, all checked": [rotated, {}],
        "found rotated, all checked": [found, { outcome: "found rotated" }],
        "found rotated, the old client certificate gone": [{ ...found, ...gone }, { outcome: "found rotated" }],
        adopted: [adopted, { outcome: "adopted" }],
        "with Microsoft Entra ID": [
            { ...rotated, ...without("oldClientCertificateRefused", "the old kubeconfig had no client certificate") },
            { limit: "Microsoft Entra ID" },
        ],
        "found rotated, with Microsoft Entra ID": [
            { ...found, ...gone },
            { outcome: "found rotated", limit: "Microsoft Entra ID" },
        ],
        "by runCommand": [
            {
                ...rotated,
                ...unseen,
                ...without(
                    "oldClientCertificateRefused",
                    "the API server's list of client CAs, which a command in the cluster can read, keeps those of before",
                ),
                verifiedThrough: "runCommand",
            },
            { limit: "runCommand" },
        ],
        "verify is off": [
            { ...rotated, ...unseen, ...withoutApiServer(["provisioningState", "caChanged"], "verify is off") },
            { limit: "verify is off" },
        ],
        "the cluster is stopped": [
            { ...rotated, ...withoutApiServer(["provisioningState", "caChanged"], "the cluster is stopped") },
            { limit: "the cluster is stopped" },
        ],
    };
    for (const [name, [record, own]] of Object.entries(good)) {
        it(`is right: ${name}`, () => assertRecord(record, { ...expected, ...own }));
    }

    const bad: Record<string, [Partial<RotationRecord>, RegExp]> = {
        ...Object.fromEntries(
            all.map((check) => [
                `${check} is left out`,
                [{ verified: all.filter((one) => one !== check) }, /the checks that were made/],
            ]),
        ),
        "a check is told to be made and not made": [
            { notVerified: [{ check: "oldCaRefused", reason: "r" }] },
            /the checks that were not made/,
        ],
        "the old client certificate is not checked by the run that held it": [gone, /the checks that were made/],
        "another cluster": [{ resourceUID: "other" }, /uid/],
        "another CA": [{ caAfter: ["CC"] }, /the record has the cluster's CA/],
        "the CA of before": [{ caBefore: ["BB"] }, /whether the CA has changed/],
        "it has begun before anybody asked": [{ started: "2026-01-02T09:59:59.000Z" }, /started 2026-01-02T09:59:59/],
        "no start": [{ started: null }, /no start/],
        "another duration": [{ durationSeconds: 3 }, /2\.5/],
        "nobody watched": [{ outage: null }, /was not watched/],
        "no certificate of the API server": [{ apiServerCertificate: null }, /was not seen/],
        "by command": [{ verifiedThrough: "runCommand" }, /runCommand/],
    };
    for (const [name, [own, message]] of Object.entries(bad)) {
        it(`is wrong: ${name}`, () => {
            assert.throws(() => assertRecord({ ...rotated, ...own }, expected), message);
        });
    }

    it("is wrong: a start that is not of this run; a reason that is none", () => {
        const asFound = { ...expected, outcome: "found rotated" } as const;
        assert.throws(() => assertRecord({ ...found, started: rotated.started }, asFound), /not of this run/);
        const lame = without("oldClientCertificateRefused", "no time");
        assert.throws(() => assertRecord({ ...found, ...lame }, asFound), /why oldClientCertificateRefused/);
    });
});
