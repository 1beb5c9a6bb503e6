import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { type Check, checks, type RotationRecord } from "../../formats/record";
import type { ClusterReport } from "../../rehearsal/local-aks/control";

/** Checks that cannot be made, each with the reason that the record gives. */
type NotMade = Partial<Record<Check, RegExp>>;

const ofApiServer = ["newCaAccepted", "oldCaRefused", "newCredentialsAccepted", "oldClientCertificateRefused"] as const;

const noneBecause = (reason: RegExp): NotMade => Object.fromEntries(ofApiServer.map((check) => [check, reason]));

/** What keeps an `up` from making every check, and which ones; as docs/clusters.md has it. */
export const limits = {
    none: {},
    "Microsoft Entra ID": { oldClientCertificateRefused: /^the old kubeconfig had no client certificate$/ },
    runCommand: { oldClientCertificateRefused: /^the API server's list of client CAs[^\n]* keeps those of before$/ },
    "verify is off": noneBecause(/^verify is off$/),
    "the cluster is stopped": noneBecause(/^the cluster is stopped$/),
} as const satisfies Record<string, NotMade>;

/** One of them. */
export type Limit = keyof typeof limits;

/** What a record must say. */
export interface RecordExpected {
    generation: number;
    outcome: RotationRecord["outcome"];
    /** How the cluster stands. */
    cluster: Pick<ClusterReport, "id" | "resourceUID" | "caFingerprint">;
    limit: Limit;
    /** When the first `up` of the generation began: no time in the record is before that. */
    began: Date;
}

/**
 * Holds a record against the promise that nothing is called done without having been checked.
 *
 * @throws AssertionError with what is not as it must be
 */
export function assertRecord(record: RotationRecord, expected: RecordExpected): void {
    const { generation, outcome, cluster } = expected;
    assert.equal(record.generation, generation);
    assert.equal(record.outcome, outcome);
    assert.equal(record.clusterId, cluster.id.toLowerCase());
    assert.equal(record.resourceUID, cluster.resourceUID);
    const plain = (fingerprint: string) => fingerprint.replaceAll(":", "").toLowerCase();
    assert.deepEqual(record.caAfter.map(plain), [cluster.caFingerprint], "the record has the cluster's CA");
    assert.equal(
        isDeepStrictEqual(record.caBefore, record.caAfter),
        outcome === "adopted",
        "whether the CA has changed",
    );
    assertTimes(record, expected.began);
    assertChecked(record, expected.limit);
    assertSeen(record, expected.limit);
}

function assertTimes({ outcome, started, finished, durationSeconds }: RotationRecord, began: Date): void {
    const end = Date.parse(finished);
    assert.ok(end >= began.getTime() && end <= Date.now(), `finished ${finished}, and the first up began ${began}`);
    if (outcome === "rotated") {
        const start = Date.parse(started ?? assert.fail("a rotation of this run has no start"));
        assert.ok(start >= began.getTime() && start <= end, `started ${started}, finished ${finished}`);
        assert.equal(durationSeconds, Math.round((end - start) / 100) / 10);
    } else {
        assert.deepEqual([started, durationSeconds], [null, null], "a start that is not of this run");
    }
}

function assertChecked({ outcome, verified, notVerified }: RotationRecord, limit: Limit): void {
    const notMade: NotMade = { ...limits[limit] };
    if (outcome === "found rotated" && notVerified.length === 1) {
        const reasons = [
            /^the process that held it has ended; it is kept nowhere$/,
            notMade.oldClientCertificateRefused,
        ];
        const sources = reasons.flatMap((reason) => reason?.source ?? []);
        notMade.oldClientCertificateRefused = new RegExp(sources.join("|"));
    }
    // Of an adoption there is nothing old, and of the CA there is nothing new.
    const all = (Object.keys(checks) as Check[]).filter(
        (check) => outcome !== "adopted" || check === "newCaAccepted" || check === "newCredentialsAccepted",
    );
    const missing = all.filter((check) => notMade[check] !== undefined);
    assert.deepEqual(
        [...verified].sort(),
        all.filter((check) => !missing.includes(check)).sort(),
        "the checks that were made",
    );
    assert.deepEqual(notVerified.map(({ check }) => check).sort(), missing.sort(), "the checks that were not made");
    for (const { check, reason } of notVerified) {
        assert.match(reason, notMade[check] ?? assert.fail(check), `why ${check} was not made`);
    }
}

/** What only a look at the API server can tell. */
function assertSeen(record: RotationRecord, limit: Limit): void {
    const { outcome, outage, apiServerCertificate, verifiedThrough } = record;
    assert.equal(verifiedThrough, limit === "runCommand" ? "runCommand" : undefined);
    const direct = limit === "none" || limit === "Microsoft Entra ID";
    if (direct) {
        const { expires = "" } = apiServerCertificate ?? assert.fail("the API server's certificate was not seen");
        assert.ok(Date.parse(expires) > Date.now(), `the API server's certificate expires ${expires}`);
    } else {
        assert.equal(apiServerCertificate, null);
    }
    if (outcome === "adopted" || limit === "runCommand" || limit === "verify is off") {
        assert.equal(outage, null, "the API server was not watched");
    } else if (outcome === "rotated") {
        const { totalSeconds, longestSeconds } = outage ?? assert.fail("the API server was not watched");
        assert.ok(longestSeconds >= 0 && longestSeconds <= totalSeconds, JSON.stringify(outage));
    }
}
