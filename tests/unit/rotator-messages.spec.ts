import assert from "node:assert/strict";
import type { RotationRecord } from "../../formats/record";
import { initialState } from "../../rotator/attempt-state";
import { notValidYet } from "../../rotator/clock-skew";
import { acceptedLine } from "../../rotator/progress-lines";
import { recordLine } from "../../rotator/record-line";
import { brokenOffLine, verificationFailed } from "../../rotator/stop-message";
import { type Known, operationId, supportFacts } from "../../rotator/support-facts";
import { CheckFailed, withoutApiServer } from "../../rotator/verification";

describe("the line of a record", () => {
    const record = (own: Partial<RotationRecord>): RotationRecord => ({
        record: 1,
        generation: 2,
        outcome: "rotated",
        clusterId: "",
        resourceUID: "",
        started: null,
        finished: "",
        durationSeconds: null,
        caBefore: [],
        caAfter: [],
        outage: null,
        apiServerCertificate: null,
        verified: ["provisioningState", "caChanged", "newCaAccepted"],
        notVerified: [],
        ...own,
    });
    const held = { check: "oldClientCertificateRefused" as const, reason: "nobody holds it" };
    const off = withoutApiServer(["provisioningState", "caChanged"], "verify is off");
    const cases: [own: Partial<RotationRecord>, line: string][] = [
        [{}, "Rotated and verified."],
        [{ outcome: "found rotated" }, "Rotated since generation 2 was asked for, not by this run; verified."],
        [
            { outcome: "found rotated", notVerified: [held] },
            "Rotated since generation 2 was asked for, not by this run; verified; " +
                "not checked: oldClientCertificateRefused (nobody holds it).",
        ],
        [
            off,
            "Rotated; not checked: newCaAccepted, oldCaRefused, newCredentialsAccepted, oldClientCertificateRefused " +
                "(verify is off).",
        ],
        [{ outcome: "adopted" }, "Adopted as it is at generation 2, nothing is rotated; verified."],
    ];
    for (const [own, line] of cases) {
        it(`is "${line}"`, () => assert.equal(recordLine(record(own)), line));
    }
});

describe("the line of a rotation that was accepted", () => {
    it("has the operation's id and the number of the try, where there is one", () => {
        assert.match(acceptedLine(1, undefined), /^Azure has accepted the rotation\. It goes on by itself/);
        assert.match(
            acceptedLine(1, "https://a/operations/07?t=1"),
            /^Azure has accepted the rotation \(operation 07\)\./,
        );
        assert.match(acceptedLine(2, undefined), /^Azure has accepted the rotation \(try 2\)\./);
        assert.match(
            acceptedLine(3, "https://a/operations/07/"),
            /^Azure has accepted the rotation \(try 3, operation 07\)\./,
        );
    });
});

describe("the facts for AKS support", () => {
    const known: Known = {
        clusterId: "/subscriptions/s/c",
        asked: { generation: 2, askedAt: "2026-01-01T00:00:00.000Z" },
        resourceUID: "uid",
        state: { name: "Failed", forMs: 65_000 },
        accepted: undefined,
        another: false,
        unanswered: 0,
    };
    const accepted = { at: new Date(0), operation: "https://a/x/operations/07?t=1", correlationId: "cid" };

    it("are one on each line", () => {
        assert.equal(
            supportFacts({ ...known, accepted }),
            `What AKS support asks for:
  cluster: /subscriptions/s/c
  resourceUID: uid
  generation 2: asked for since 2026-01-01T00:00:00.000Z (UTC)
  provisioning state: Failed, seen so by this run for 1 m 05 s
  operation id: 07
  correlation id: cid
  accepted: 1970-01-01T00:00:00.000Z (UTC)`,
        );
    });

    it("say what is not known, and why", () => {
        const lines = (own: Partial<Known>) => supportFacts({ ...known, ...own }).split("\n");
        assert.deepEqual(lines({ resourceUID: undefined, state: undefined }).slice(2), [
            "  resourceUID: not seen by this run",
            "  generation 2: asked for since 2026-01-01T00:00:00.000Z (UTC)",
            "  provisioning state: not seen by this run",
            "  operation id: none: this run has started no rotation",
        ]);
        const log = "  where to find it: az monitor activity-log list --resource-id /subscriptions/s/c --offset 7d";
        assert.deepEqual(lines({ another: true }).slice(-2), [
            "  operation id: not known to this run: an earlier one, or somebody else, started it",
            `${log}; or the output of the run that started it ("Azure has accepted the rotation")`,
        ]);
        assert.deepEqual(lines({ unanswered: 1, another: true }).slice(-2), [
            "  operation id: not known: Azure did not answer the request to rotate",
            log,
        ]);
        assert.deepEqual(lines({ accepted: { at: new Date(0) } }).slice(5, 7), [
            "  operation id: not known: Azure did not give it",
            "  correlation id: not known: Azure did not give it",
        ]);
    });

    it("have an operation's id without its query", () => {
        assert.deepEqual(
            ["https://a/operations/07?api-version=1&t=2#x", "https://a/operations/07/", "", undefined].map(operationId),
            ["07", "07", undefined, undefined],
        );
    });
});

describe("clocks that differ", () => {
    const from = (iso: string) => ({ validFrom: iso });

    it("are told by a certificate that is not valid yet, with the difference at least", () => {
        const early = notValidYet(
            [from("Jan  1 00:00:00 2026 GMT"), from("Jan  1 01:05:00 2026 GMT")],
            Date.parse("2026-01-01T01:00:00Z"),
        );
        assert.equal(
            early,
            "a certificate is valid only from 2026-01-01T01:05:00.000Z, and by the clock of this machine that is yet " +
                "to come: it and the cluster's differ by 5 min at least",
        );
    });

    it("are not told where all are valid", () => {
        assert.equal(notValidYet([from("Jan  1 00:00:00 2026 GMT")], Date.parse("2026-01-01T00:00:00Z")), undefined);
    });

    it("have advice of their own in the error of a verification", () => {
        const asked = { rotated: true, state: "Succeeded", server: "https://a" };
        const message = verificationFailed(asked, new CheckFailed("no", "Set the clock right"));
        assert.match(
            message,
            /cannot be verified: no \(https:\/\/a\)\. The cluster is Succeeded\.\nSet the clock right, then/,
        );
        assert.match(message, /then run pulumi up again\. Nothing is rotated a second time\.$/);
        assert.match(verificationFailed(asked, new CheckFailed("no")), /Look at the API server/);
        const adopted = verificationFailed({ ...asked, rotated: false }, new Error("no"));
        assert.match(adopted, /Make the API server reachable[^\n]* Nothing was rotated by this run\.$/);
    });
});

describe("the line of a run that is broken off", () => {
    it("tells what has come of it: nothing, a request without an answer, or a rotation that goes on", () => {
        const succeeded = "the cluster was Succeeded when it was last seen";
        const nothing = brokenOffLine(initialState, "Succeeded");
        assert.equal(
            nothing,
            `Nothing was rotated by this run; ${succeeded}. Mend what is named next, then run pulumi up again.`,
        );
        const lost = brokenOffLine({ ...initialState, unansweredStarts: 1 }, "Succeeded");
        assert.match(lost, /Azure had not answered its request to rotate.*run pulumi up again: it finds out/);
        for (const own of [{ rotationObserved: true }, { started: 1 }]) {
            assert.match(
                brokenOffLine({ ...initialState, ...own }, "Succeeded"),
                /goes on by itself.*does not start a second/,
            );
        }
    });
});
