import assert from "node:assert/strict";
import type { Intent } from "../../formats/intent";
import type { RotationRecord } from "../../formats/record";
import { type ClusterRecord, NoClusterRecord } from "../../rotator/cluster-record";
import { RotationController } from "../../rotator/controller";
import { remainingRecord } from "../../rotator/remaining-record";
import { RotationError } from "../../rotator/rotation-error";
import type { RotateSettings } from "../../rotator/settings";
import { type Answer, cluster, credentials, ScriptedOutside, seeThrough } from "./scripted-outside";
import { adopted, settings as defaults, intent } from "./task";

const settings: RotateSettings = { ...defaults, stack: "platform/production" };
const stack = settings.stack;
const raised: Intent = { ...intent, earlierGeneration: 1 };
const rotated: RotationRecord = { ...adopted, generation: 2, outcome: "rotated", caAfter: ["B"] };

/** A cluster with the CA A that rotates to B where it is asked to, and its starts. */
function quietCluster({ ca = "A", record = new Error("no right") as Answer<ClusterRecord> } = {}) {
    const ports = new ScriptedOutside();
    let started = 0;
    ports.onStart = () => {
        started++;
        return { answer: "accepted" };
    };
    ports.onLook = () => cluster("Succeeded", { eTag: ca === "A" && started === 0 ? "1" : "2" });
    ports.onCredentials = () => credentials(started > 0 ? "B" : ca);
    ports.onClusterRecord = () => record;
    return { ports, starts: () => started };
}

function run(
    ports: ScriptedOutside,
    task: { command: "adopt" | "rotate"; intent?: Intent; record?: RotationRecord },
): RotationRecord {
    const full = { settings, intent: raised, record: undefined, beganAt: 0, ...task };
    return seeThrough(new RotationController(ports, full).run());
}

function reason(act: () => unknown): string {
    try {
        act();
    } catch (error) {
        if (error instanceof RotationError) {
            return error.reason;
        }
        throw error;
    }
    throw new Error("It does not stop.");
}

describe("a Command that is updated without a record", () => {
    it("stops before anything is done, and prints the command that restores the record", () => {
        for (const intent of [raised, { ...raised, generation: 1 }]) {
            const { ports } = quietCluster();
            assert.throws(
                () => run(ports, { command: "rotate", intent }),
                (error) =>
                    error instanceof RotationError &&
                    error.reason === "recordLost" &&
                    error.message.includes(
                        `npx aks-certificate-rotation record restore --stack production --cluster-id ${intent.clusterId}`,
                    ),
            );
            assert.ok(!ports.asked.includes("startRotation"));
        }
    });

    it("asks the cluster for no record where it has one", () => {
        const { ports } = quietCluster({ record: { record: rotated, stack } });
        assert.equal(run(ports, { command: "rotate", record: adopted }).outcome, "rotated");
        assert.ok(!ports.asked.includes("clusterRecord"));
    });

    it("stops whatever state the cluster is in", () => {
        for (const state of ["RotatingClusterCertificates", "Failed", "Updating"]) {
            const { ports } = quietCluster();
            ports.onLook = () => cluster(state);
            assert.equal(
                reason(() => run(ports, { command: "rotate" })),
                "recordLost",
            );
        }
    });
});

describe("a Command that is created anew", () => {
    it("adopts where nothing says that the stack has had the cluster before", () => {
        const { ports, starts } = quietCluster();
        const record = run(ports, { command: "adopt", intent });
        assert.deepEqual([record.outcome, record.generation, starts()], ["adopted", 2, 0]);
    });

    it("rotates a raise that the intent knows of, once", () => {
        const { ports, starts } = quietCluster();
        const record = run(ports, { command: "adopt" });
        assert.deepEqual([record.outcome, record.generation, starts()], ["rotated", 2, 1]);
        assert.deepEqual([record.caBefore, record.caAfter], [["A"], ["B"]]);
    });

    it("never rotates again where the rotation of the generation has happened", () => {
        const { ports, starts } = quietCluster({ ca: "B" });
        const record = run(ports, { command: "adopt" });
        assert.deepEqual([record.outcome, record.generation, starts()], ["found rotated", 2, 0]);
    });

    it("returns the cluster's own record of the generation, or of a higher one, as it is", () => {
        for (const generation of [2, 3]) {
            const record = { ...rotated, generation };
            const { ports, starts } = quietCluster({ ca: "B", record: { record, stack } });
            assert.deepEqual(run(ports, { command: "adopt" }), record);
            assert.equal(starts(), 0);
        }
    });

    it("rotates nothing for its first intent where the cluster's own record is of a lower generation", () => {
        for (const ca of ["A", "B"]) {
            const { ports, starts } = quietCluster({ ca, record: { record: adopted, stack } });
            const first = { ...intent, caFingerprints: [ca] };
            assert.equal(
                reason(() => run(ports, { command: "adopt", intent: first })),
                "newComponent",
            );
            assert.equal(starts(), 0);
            assert.equal(ports.asked.filter((what) => what === "clusterRecord").length, 1);
        }
    });

    it("rotates once for an intent that has replaced one, whatever CA the cluster's own record has", () => {
        for (const caAfter of [["A"], ["Z"]]) {
            const { ports, starts } = quietCluster({ record: { record: { ...adopted, caAfter }, stack } });
            const record = run(ports, { command: "adopt" });
            assert.deepEqual([record.outcome, record.generation, starts()], ["rotated", 2, 1]);
        }
    });

    it("stops where a higher generation reaches it alone", () => {
        const { ports, starts } = quietCluster();
        assert.equal(
            reason(() => run(ports, { command: "adopt", intent: { ...intent, generation: 1 } })),
            "staleIntent",
        );
        assert.equal(starts(), 0);
    });

    it("adopts a cluster that was created again since the intent", () => {
        const { ports, starts } = quietCluster();
        ports.onLook = () => cluster("Succeeded", { resourceUID: "another" });
        assert.equal(run(ports, { command: "adopt" }).outcome, "adopted");
        assert.equal(starts(), 0);
    });

    it("waits for the end of an operation before it looks for a record", () => {
        const { ports, starts } = quietCluster({ ca: "B", record: { record: rotated, stack } });
        ports.onLook = () => cluster(ports.clock < 30_000 ? "RotatingClusterCertificates" : "Succeeded");
        assert.deepEqual(run(ports, { command: "adopt" }), rotated);
        assert.equal(starts(), 0);
        assert.ok(ports.clock >= 30_000);
    });

    it("sends no credentials to an API server whose certificate is of another CA", () => {
        const { ports } = quietCluster({ ca: "B", record: { record: rotated, stack } });
        ports.onApiServer = () => (ports.clock < 10_000 ? "anotherCa" : "sameCa");
        const asked = () => ports.asked.includes("clusterRecord");
        ports.onVerify = () => {
            assert.equal(asked(), false);
            return new Error("another CA");
        };
        assert.deepEqual(run(ports, { command: "adopt" }), rotated);
        assert.equal(asked(), true);
    });

    it("asks no API server for a record where verify is off", () => {
        const { ports } = quietCluster({ record: { record: adopted, stack } });
        const task = { command: "adopt" as const, settings: { ...settings, verify: "off" as const }, intent };
        const record = seeThrough(new RotationController(ports, { ...task, record: undefined, beganAt: 0 }).run());
        assert.equal(record.outcome, "adopted");
        assert.ok(!ports.asked.includes("clusterRecord"));
    });

    it("goes on where the record cannot be read, says why, and asks for it for a minute", () => {
        const { ports, starts } = quietCluster({ record: "hangs" });
        assert.equal(run(ports, { command: "adopt" }).outcome, "rotated");
        assert.equal(starts(), 1);
        assert.ok(ports.told.some((line) => /not known: no answer in time/.test(line)));
        assert.ok(ports.clock > 60_000 && ports.clock < 100_000, `it took ${ports.clock} ms`);
    });

    it("says which generation is on record, and where; of a record that is not there it says nothing", () => {
        const lines = (record: Answer<ClusterRecord>, from: Intent) => {
            const { ports } = quietCluster({ record });
            run(ports, { command: "adopt", intent: from });
            return ports.told.filter((line) => /on record|not known/.test(line));
        };
        const onRecord = (where: string) => [`This Command is new, but generation 1 is on record (${where})`];
        assert.deepEqual(lines({ record: adopted, stack }, raised), onRecord("in the cluster"));
        assert.deepEqual(lines(new NoClusterRecord("there is none"), raised), onRecord("in the intent"));
        assert.deepEqual(lines(new NoClusterRecord("there is none"), intent), []);
    });
});

describe("what is left of a lost record", () => {
    const of = (found: ClusterRecord | undefined, from: Intent = intent) => remainingRecord(from, found, settings);

    it("is the cluster's own record, where it is this stack's and of this cluster", () => {
        assert.equal(of({ record: adopted, stack }), adopted);
        assert.equal(of({ record: rotated, stack }, raised), rotated);
        assert.equal(of({ record: adopted, stack: "platform/test" }), undefined);
        assert.equal(of({ record: { ...adopted, resourceUID: "another" }, stack }), undefined);
        assert.equal(of({ record: { ...adopted, clusterId: "another" }, stack }), undefined);
    });

    it("is a record that does not say whose it is only where it is of the generation", () => {
        assert.equal(of({ record: rotated }), rotated);
        assert.equal(of({ record: adopted }), undefined);
        assert.equal(of({ record: { ...rotated, generation: 3 } }), undefined);
        assert.equal(remainingRecord(intent, { record: adopted, stack }, { generation: 2 }), undefined);
        assert.equal(remainingRecord(intent, { record: rotated, stack }, { generation: 2 }), rotated);
    });

    it("is the intent's earlier generation, where that is lower, as the intent has found the cluster", () => {
        const record = of(undefined, raised);
        assert.deepEqual(record && [record.generation, record.outcome, record.finished], [
            1,
            "adopted",
            intent.askedAt,
        ]);
        assert.deepEqual([record?.caBefore, record?.caAfter], [["A"], ["A"]]);
        assert.deepEqual([record?.clusterId, record?.resourceUID], [intent.clusterId, "uid"]);
        assert.equal(of(undefined, { ...intent, generation: 5, earlierGeneration: 2 }), undefined);
        assert.equal(of({ record: { ...adopted, clusterId: "another" }, stack }, raised)?.generation, 1);
        assert.equal(of(undefined, intent), undefined);
    });

    it("is the intent itself where that is of a lower generation", () => {
        assert.equal(of(undefined, { ...intent, generation: 1 })?.generation, 1);
    });
});
