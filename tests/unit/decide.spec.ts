import assert from "node:assert/strict";
import fc from "fast-check";
import type { Intent } from "../../formats/intent";
import type { RotationRecord } from "../../formats/record";
import { decide, type Situation } from "../../rotator/decide";
import type { Observation } from "../../rotator/observation";
import { newRun, type Run } from "../../rotator/run";
import { provisioningStates } from "./model/provisioning-states";

const intent: Intent = {
    intent: 1,
    generation: 2,
    clusterId: "/subscriptions/s/…",
    resourceUID: "uid",
    askedAt: "2026-01-01T00:00:00.000Z",
    caFingerprints: ["A"],
    caCertificate: "",
};

const record: RotationRecord = {
    record: 1,
    generation: 1,
    outcome: "adopted",
    clusterId: intent.clusterId,
    resourceUID: "uid",
    started: null,
    finished: "2026-01-01T00:00:00.000Z",
    durationSeconds: null,
    caBefore: ["A"],
    caAfter: ["A"],
    outage: null,
    apiServerCertificate: null,
    verified: [],
    notVerified: [],
};

type Found = Extract<Observation, { found: true }>;

const quiet: Run = newRun;
const healthy: Found = {
    found: true,
    resourceUID: "uid",
    provisioningState: "Succeeded",
    stopped: false,
    caFingerprints: ["A"],
    apiServer: "sameCa",
};

function next(
    cluster: Partial<Found> | { found: false },
    { run = {}, ...rest }: Partial<Omit<Situation, "cluster" | "run">> & { run?: Partial<Run> } = {},
) {
    return decide({
        generation: 2,
        record,
        intent,
        verify: "required",
        ...rest,
        run: { ...quiet, ...run },
        cluster: cluster.found === false ? { found: false } : { ...healthy, ...cluster },
    });
}

const { otherwiseUnderWay: underWay, rotating } = provisioningStates;

describe("what the rotator does next", () => {
    it("adopts where there is no record", () => {
        assert.deepEqual(next({}, { record: undefined }), { do: "adopt" });
    });

    it("adopts a cluster that was created again under the same name", () => {
        assert.deepEqual(next({ resourceUID: "another" }), { do: "adopt" });
    });

    it("returns the record as it was for a generation that is not above it", () => {
        for (const generation of [0, 1]) {
            assert.deepEqual(next({}, { generation }), { do: "keep", record });
        }
    });

    it("waits while certificates are rotated or reconciled, by anybody", () => {
        for (const provisioningState of rotating) {
            assert.deepEqual(next({ provisioningState }), { do: "wait", for: "rotation" });
        }
    });

    it("waits while another operation is under way, also one of a name it does not know", () => {
        for (const provisioningState of underWay) {
            assert.deepEqual(next({ provisioningState }), { do: "wait", for: "operation" });
        }
    });

    it("verifies where the CA is not that of the intent: it has happened", () => {
        assert.deepEqual(next({ caFingerprints: ["B"] }), { do: "verify" });
        assert.deepEqual(next({ caFingerprints: ["A", "B"] }), { do: "verify" });
    });

    it("rotates where the CA is that of the intent", () => {
        assert.deepEqual(next({}), { do: "rotate" });
    });

    it("does not take a rotation that is on record already for the one that was asked for", () => {
        const later = { ...record, generation: 2, caAfter: ["B"] };
        assert.deepEqual(
            next({ caFingerprints: ["B"] }, { generation: 3, record: later, intent: { ...intent, generation: 3 } }),
            {
                do: "rotate",
            },
        );
    });

    it("waits for the credentials where the API server shows another CA already", () => {
        assert.deepEqual(next({ apiServer: "anotherCa" }), { do: "wait", for: "credentials" });
    });

    it("waits for the credentials after a rotation, and stops when they never come", () => {
        assert.deepEqual(next({}, { run: { started: 1, seen: true } }), { do: "wait", for: "credentials" });
        assert.deepEqual(next({}, { run: { started: 1, seen: true, settled: true } }), {
            do: "stop",
            because: "caStays",
        });
    });

    it("rotates after somebody else's operation has left the CA as it was", () => {
        assert.deepEqual(next({}, { run: { seen: true } }), { do: "wait", for: "credentials" });
        assert.deepEqual(next({}, { run: { seen: true, settled: true } }), { do: "rotate" });
    });

    it("waits for the credentials of a changed cluster whose API server cannot be asked, before it rotates", () => {
        const asked = { intent: { ...intent, eTag: "1" }, verify: "bestEffort" as const };
        for (const apiServer of ["unreachable", undefined] as const) {
            assert.deepEqual(next({ apiServer, eTag: "2" }, asked), { do: "wait", for: "credentials" });
            assert.deepEqual(next({ apiServer, eTag: "2" }, { ...asked, run: { settled: true } }), { do: "rotate" });
            assert.deepEqual(next({ apiServer, eTag: "1" }, asked), { do: "rotate" });
        }
        assert.deepEqual(next({ apiServer: "sameCa", eTag: "2" }, asked), { do: "rotate" });
        assert.deepEqual(next({ apiServer: undefined }, { verify: "off" }), { do: "wait", for: "credentials" });
    });

    it("waits for the credentials of a changed cluster that has failed, where its API server cannot be asked", () => {
        const asked = { intent: { ...intent, eTag: "1" }, verify: "bestEffort" as const };
        const failed = { provisioningState: "Failed", eTag: "2" };
        for (const apiServer of ["unreachable", undefined] as const) {
            const lagging = { ...failed, apiServer };
            assert.deepEqual(next(lagging, asked), { do: "wait", for: "credentials" });
            assert.deepEqual(next(lagging, { ...asked, run: { settled: true } }), { do: "rotate" });
            assert.deepEqual(next({ ...lagging, eTag: "1" }, asked), { do: "rotate" });
            const thrice = { ...asked, run: { started: 3, failed: 3 } };
            assert.deepEqual(next(lagging, thrice), { do: "stop", because: "failedThrice" });
        }
        assert.deepEqual(next({ ...failed, apiServer: "sameCa" }, asked), { do: "rotate" });
    });

    it("does not count the settle time of a rotation that does not show yet", () => {
        assert.deepEqual(next({}, { run: { started: 1, starting: true } }), { do: "wait", for: "answer" });
    });

    it("waits while a request to rotate has no answer", () => {
        assert.deepEqual(next({}, { run: { unanswered: true } }), { do: "wait", for: "answer" });
    });

    it("does not take the failure of an earlier rotation for that of one just accepted", () => {
        const run = { started: 2, failed: 1, starting: true };
        assert.deepEqual(next({ provisioningState: "Failed" }, { run }), { do: "wait", for: "answer" });
    });

    it("stops where the cluster has failed since, but its CA has changed: the failure can be that of something else", () => {
        const stop = { do: "stop", because: "rotatedButFailed" };
        for (const provisioningState of ["Failed", "Canceled"]) {
            assert.deepEqual(next({ provisioningState, caFingerprints: ["B"] }), stop);
            assert.deepEqual(next({ provisioningState, apiServer: "anotherCa" }), stop);
            const run = { started: 1, failed: 1 };
            assert.deepEqual(next({ provisioningState, caFingerprints: ["B"] }, { run }), stop);
        }
    });

    it("asks no fourth time where Azure never answers", () => {
        assert.deepEqual(next({}, { run: { lost: 2 } }), { do: "rotate" });
        assert.deepEqual(next({}, { run: { lost: 3 } }), { do: "stop", because: "noAnswer" });
    });

    it("starts again after Failed and Canceled, and stops after the third failure", () => {
        for (const provisioningState of ["Failed", "Canceled"]) {
            assert.deepEqual(next({ provisioningState }, { run: { started: 2, failed: 2 } }), { do: "rotate" });
            assert.deepEqual(next({ provisioningState }, { run: { started: 3, failed: 3 } }), {
                do: "stop",
                because: "failedThrice",
            });
        }
    });

    it("stops where the cluster is being deleted or is not there", () => {
        assert.deepEqual(next({ provisioningState: "Deleting" }), { do: "stop", because: "deleting" });
        assert.deepEqual(next({ found: false }), { do: "stop", because: "notFound" });
    });

    it("rotates a stopped cluster, whose API server is not asked", () => {
        const asked = { ...intent, eTag: "1" };
        assert.deepEqual(next({ stopped: true, apiServer: undefined, eTag: "1" }, { intent: asked }), { do: "rotate" });
    });

    it("begins nothing that it could not verify, where it must", () => {
        const stop = { do: "stop", because: "unreachable" };
        assert.deepEqual(next({ apiServer: "unreachable" }), stop);
        assert.deepEqual(next({ apiServer: "unreachable" }, { record: undefined }), stop);
        assert.deepEqual(next({ apiServer: "unreachable", provisioningState: "Failed" }), stop);
        const asked = { verify: "bestEffort" as const, intent: { ...intent, eTag: "1" } };
        assert.deepEqual(next({ apiServer: "unreachable", eTag: "1" }, asked), { do: "rotate" });
    });

    it("does not rotate on an intent that is older than the generation", () => {
        assert.deepEqual(next({}, { generation: 3 }), { do: "stop", because: "intentTooOld" });
    });

    it("never rotates in any situation without a raised generation, or with an operation under way, or deleted", () => {
        const states = Object.values(provisioningStates).flat();
        const ca = fc.constantFrom<string[]>(["A"], ["B"], ["A", "B"]);
        fc.assert(
            fc.property(
                fc.record({
                    generation: fc.nat(4),
                    mark: fc.nat(4),
                    asked: fc.nat(4),
                    state: fc.constantFrom(...states),
                    ca,
                    recordCa: ca,
                    uid: fc.constantFrom("uid", "another"),
                    apiServer: fc.constantFrom("sameCa" as const, "anotherCa" as const, "unreachable" as const),
                    run: fc.record({
                        started: fc.nat(3),
                        failed: fc.nat(3),
                        lost: fc.nat(3),
                        seen: fc.boolean(),
                        unanswered: fc.boolean(),
                        ours: fc.boolean(),
                        awaited: fc.boolean(),
                        starting: fc.boolean(),
                        settled: fc.boolean(),
                    }),
                }),
                (s) => {
                    const step = decide({
                        generation: s.generation,
                        record: { ...record, generation: s.mark, caAfter: s.recordCa },
                        intent: { ...intent, generation: s.asked },
                        verify: "required",
                        cluster: {
                            found: true,
                            resourceUID: s.uid,
                            provisioningState: s.state,
                            stopped: false,
                            caFingerprints: s.ca,
                            apiServer: s.apiServer,
                        },
                        run: s.run,
                    });
                    if (step.do === "rotate") {
                        assert.ok(s.generation > s.mark && s.asked >= s.generation);
                        assert.ok(["Succeeded", "Failed", "Canceled"].includes(s.state));
                        assert.equal(s.uid, "uid");
                        assert.equal(s.run.unanswered, false);
                    }
                },
            ),
            { numRuns: 5000 },
        );
    });
});
