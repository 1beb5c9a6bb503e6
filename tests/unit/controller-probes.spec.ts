import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import type { OperationError } from "../../azure/azure-errors";
import type { Intent } from "../../formats/intent";
import type { RotationRecord } from "../../formats/record";
import { RotationController } from "../../rotator/controller";
import { RotationError } from "../../rotator/rotation-error";
import type { RotateSettings } from "../../rotator/settings";
import { CheckFailed } from "../../rotator/verification";
import { cluster, credentials, ScriptedOutside, seeThrough } from "./scripted-outside";
import { adopted, intent, settings } from "./task";

interface Own {
    settings?: Partial<RotateSettings>;
    intent?: Partial<Intent>;
    record?: RotationRecord;
}

function run(ports: ScriptedOutside, own: Own = {}) {
    const task = {
        command: "rotate" as const,
        settings: { ...settings, timeoutSeconds: 7200, ...own.settings },
        intent: { ...intent, ...own.intent },
        record: own.record ?? adopted,
        beganAt: ports.clock,
    };
    return seeThrough(new RotationController(ports, task).run());
}

function failure(ports: ScriptedOutside, own: Own = {}): RotationError {
    try {
        run(ports, own);
    } catch (error) {
        if (error instanceof RotationError) {
            return error;
        }
        throw error;
    }
    throw new Error("The run does not fail.");
}

/** The times of the start requests, in milliseconds. */
function startTimes(ports: ScriptedOutside): number[] {
    const times: number[] = [];
    const start = ports.onStart;
    ports.onStart = () => {
        times.push(ports.clock);
        return start();
    };
    return times;
}

/** A cluster that rotates from A to B in 20 s when it is asked to. */
function rotating(ports = new ScriptedOutside()): ScriptedOutside {
    let began = Number.POSITIVE_INFINITY;
    const isOver = () => ports.clock >= began + 20_000;
    ports.onStart = () => {
        began = ports.clock;
        return { answer: "accepted", operation: "https://arm.example/operations/1" };
    };
    ports.onLook = () =>
        ports.clock < began
            ? cluster("Succeeded")
            : cluster(isOver() ? "Succeeded" : "RotatingClusterCertificates", { eTag: "2" });
    ports.onCredentials = () => credentials(isOver() ? "B" : "A");
    return ports;
}

describe("the watch of the API server before a rotation", () => {
    it("makes eight new connections over two seconds where the eTag is the intent's", () => {
        const ports = rotating();
        const [times, connections] = [startTimes(ports), [] as number[]];
        ports.onConnection = () => {
            connections.push(ports.clock);
            return undefined;
        };
        run(ports);
        const before = connections.filter((at) => at <= (times[0] ?? 0));
        // One more with each of the two observations.
        assert.equal(before.length, 10);
        assert.equal((before[8] ?? 0) - (before[1] ?? 0), 2000);
    });

    it("lasts a minute where the eTag differs or is unknown, and where the run resumes an earlier one", () => {
        const other: [string, Partial<Intent>][] = [
            ["differs", { eTag: "0" }],
            ["is unknown", { eTag: undefined }],
            ["resumes", { askedAt: new Date(-180_000).toISOString() }],
            ["by another clock", { askedAt: new Date(180_000).toISOString() }],
        ];
        for (const [what, own] of other) {
            const ports = rotating();
            const times = startTimes(ports);
            assert.equal(run(ports, { intent: own }).outcome, "rotated");
            assert.ok((times[0] ?? 0) >= 60_000 && (times[0] ?? 0) < 63_000, `${what}: ${times[0]} ms`);
            assert.ok(ports.told.some((line) => /^Watching the API server's certificate for 1 m 00 s/.test(line)));
        }
    });

    it("starts nothing where one connection of it shows a CA that is not of before, however late", () => {
        for (const late of [3, 9, 25]) {
            const ports = new ScriptedOutside();
            ports.onLook = () => cluster("Succeeded", { eTag: "2" });
            // An earlier rotation to B: the credentials lag, and one replica still shows A.
            ports.onConnection = () => (ports.connections === late || ports.clock > 90_000 ? "B" : "A");
            ports.onCredentials = () => credentials(ports.clock > 90_000 ? "B" : "A");
            const times = startTimes(ports);
            assert.equal(run(ports, { settings: { settleTimeoutSeconds: 600 } }).outcome, "found rotated");
            assert.deepEqual(times, []);
        }
    });

    it("is not made where nothing is to be started", () => {
        const ports = new ScriptedOutside();
        run(ports, { settings: { generation: 1 } });
        assert.equal(ports.connections, 1);
    });

    it("is repeated after something was under way, and not while Azure only answers that it is busy with nothing to see", () => {
        const ports = rotating();
        const start = ports.onStart;
        let refused = 0;
        ports.onStart = () => (refused++ < 3 ? { answer: "busy", message: `no ${refused}`, waitSeconds: 1 } : start());
        const times = startTimes(ports);
        run(ports);
        const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
        assert.equal(times.length, 4);
        [6000, 12_000, 24_000].forEach((pause, i) => {
            assert.ok((pauses[i] ?? 0) >= pause && (pauses[i] ?? 0) < pause + 5000, `${pauses[i]} ms`);
        });
        // Azure's words differ each time; they are reported once, and then how long it has been so.
        const refusals = ports.told.filter((line) => /does not start/.test(line));
        assert.ok(
            refusals.every((line) => /now: no 1( \(\d+ s\))?$/.test(line)),
            refusals.join("\n"),
        );
    });
});

/** A cluster whose rotations end in `state` after 20 s, for a cause. */
function failing(state: string, error: OperationError | undefined) {
    const ports = new ScriptedOutside();
    let began = Number.NEGATIVE_INFINITY;
    let started = 0;
    ports.onStart = () => {
        began = ports.clock;
        started++;
        return { answer: "accepted", operation: `https://arm.example/operations/${started}` };
    };
    const isOver = () => ports.clock >= began + 20_000;
    ports.onLook = () =>
        started === 0
            ? cluster("Succeeded")
            : cluster(isOver() ? state : "RotatingClusterCertificates", { eTag: String(1 + started) });
    ports.onOperationError = () => error;
    return ports;
}
const because = (kind: OperationError["kind"]): OperationError => ({
    kind,
    code: "SomeCode",
    message: "some words",
    text: "SomeCode: some words",
    advice: "Do something about it.",
});

describe("a rotation that fails", () => {
    it("for a cause that lasts is not started again, and the error names cause and remedy", () => {
        const ports = failing("Failed", because("lasting"));
        const times = startTimes(ports);
        const { reason, message } = failure(ports);
        assert.deepEqual([reason, times.length], ["lastingFailure", 1]);
        assert.match(
            message,
            /SomeCode: some words[\s\S]*Do something about it\. Then run pulumi up again[\s\S]*operation id: 1/,
        );
    });

    it("for want of capacity is started again after 5 and then 15 minutes", () => {
        const ports = failing("Failed", because("capacity"));
        const times = startTimes(ports);
        assert.equal(failure(ports).reason, "attemptsExhausted");
        const [first = 0, second = 0, third = 0] = times;
        assert.equal(times.length, 3);
        assert.ok(second - first >= 320_000 && second - first < 345_000, `${second - first} ms`);
        assert.ok(third - second >= 920_000 && third - second < 945_000, `${third - second} ms`);
        assert.ok(
            ports.told.some((line) =>
                /for want of capacity \(SomeCode: some words\); it is started again in 5 min/.test(line),
            ),
        );
    });

    it("for another cause is started again once AKS had a minute to bring it back, and not where it does", () => {
        const ports = failing("Failed", because("other"));
        const times = startTimes(ports);
        assert.equal(failure(ports).reason, "attemptsExhausted");
        const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
        assert.ok(
            pauses.every((pause) => pause >= 80_000 && pause < 95_000),
            pauses.join(),
        );

        const reconciled = failing("Failed", because("other"));
        const { onLook } = reconciled;
        const starts = startTimes(reconciled);
        const since = () => reconciled.clock - (starts[0] ?? Number.POSITIVE_INFINITY);
        reconciled.onLook = () =>
            since() > 60_000
                ? cluster(since() > 90_000 ? "Succeeded" : "ReconcilingClusterCertificates", { eTag: "3" })
                : onLook();
        reconciled.onCredentials = () => credentials(since() > 90_000 ? "B" : "A");
        assert.equal(run(reconciled).outcome, "found rotated");
        assert.equal(starts.length, 1);
    });

    it("since a person has canceled it is not started again by this run, but by the next one", () => {
        for (const error of [because("other"), undefined]) {
            const ports = failing("Canceled", error);
            const times = startTimes(ports);
            const { reason, message } = failure(ports);
            assert.deepEqual([reason, times.length], ["canceled", 1]);
            assert.match(message, /was canceled \(az aks operation-abort\)[\s\S]*Run pulumi up again/);
        }
        const next = rotating();
        const { onLook } = next;
        next.onLook = () => {
            const found = onLook();
            const isBefore = JSON.stringify(found) === JSON.stringify(cluster("Succeeded"));
            return isBefore ? cluster("Canceled", { eTag: "7" }) : found;
        };
        assert.equal(run(next).outcome, "rotated");
    });

    it("is not waited for without an end where Azure never says why", () => {
        for (const [state, reason] of [
            ["Failed", "attemptsExhausted"],
            ["Canceled", "canceled"],
        ] as const) {
            const ports = failing(state, undefined);
            ports.onOperationError = () => new RestError("broken", { statusCode: 503 });
            const error = failure(ports);
            assert.equal(error.reason, reason);
            assert.ok(ports.clock < 600_000, `${ports.clock} ms`);
        }
    });

    it("since another operation came first is started again", () => {
        const ports = failing("Canceled", because("preempted"));
        const times = startTimes(ports);
        assert.equal(failure(ports).reason, "attemptsExhausted");
        assert.equal(times.length, 3);
    });

    it("is not called canceled before Azure has said why", () => {
        const ports = failing("Canceled", because("preempted"));
        let asked = 0;
        const answer = ports.onOperationError;
        ports.onOperationError = () => (asked++ === 0 ? new RestError("busy", { statusCode: 503 }) : answer());
        const times = startTimes(ports);
        failure(ports);
        assert.equal(times.length, 3);
    });
});

describe("an API server that cannot be asked for a while", () => {
    it("is asked again, also in the first observation", () => {
        const ports = rotating();
        let broken = 2;
        ports.onApiServer = () =>
            broken-- > 0 ? new RestError("AKS cannot run a command", { statusCode: 500 }) : "sameCa";
        assert.equal(run(ports).outcome, "rotated");
    });

    it("ends the run at its settle timeout where that lasts after a rotation", () => {
        const ports = rotating();
        ports.onApiServer = () =>
            ports.clock > 20_000 ? new RestError("AKS cannot run a command", { statusCode: 500 }) : "sameCa";
        ports.onVerify = () => new RestError("AKS cannot run a command", { statusCode: 500 });
        const { reason, message } = failure(ports, { settings: { settleTimeoutSeconds: 60 } });
        assert.equal(reason, "unverified");
        assert.match(message, /AKS cannot run a command/);
        assert.ok(ports.clock > 80_000 && ports.clock < 90_000, `${ports.clock} ms`);
    });
});

describe("what was learned in a run", () => {
    it("is a wrong answer of the API server, which no silence at the end makes undone", () => {
        for (const verify of ["bestEffort", "required"] as const) {
            const ports = rotating();
            ports.answerMs = 300;
            ports.onVerify = () => new CheckFailed("the old CA is still in force");
            const { reason, message } = failure(ports, { settings: { verify, settleTimeoutSeconds: 25 } });
            assert.equal(reason, "unverified");
            assert.match(message, /the old CA is still in force/);
        }
    });

    it("is a veto, a lasting cause and the number of failures, also once the cluster is Succeeded again", () => {
        const cases: [string, OperationError["kind"], string, number][] = [
            ["Canceled", "other", "canceled", 1],
            ["Failed", "lasting", "lastingFailure", 1],
        ];
        for (const [state, kind, expected, count] of cases) {
            const ports = failing(state, because(kind));
            const { onLook } = ports;
            const starts = startTimes(ports);
            const since = () => ports.clock - (starts.at(-1) ?? Number.POSITIVE_INFINITY);
            // Azure says why only after the cluster was brought back without a new CA.
            ports.onOperationError = () =>
                since() < 60_000 ? new RestError("busy", { statusCode: 503 }) : because(kind);
            ports.onLook = () =>
                since() < 25_000 ? onLook() : cluster(since() < 40_000 ? "Updating" : "Succeeded", { eTag: "9" });
            const { reason } = failure(ports, { settings: { settleTimeoutSeconds: 60 } });
            assert.deepEqual([reason, starts.length], [expected, count], state);
        }
    });

    it("is why a rotation failed, where Azure says it only some time after the cluster is Failed", () => {
        const ports = failing("Failed", undefined);
        const starts = startTimes(ports);
        ports.onOperationError = () => (ports.clock - (starts[0] ?? 0) < 50_000 ? undefined : because("lasting"));
        assert.equal(failure(ports).reason, "lastingFailure");
        assert.equal(starts.length, 1);
    });

    it("is that nothing is to do, whatever the API server answers", () => {
        const ports = new ScriptedOutside();
        ports.onApiServer = () => new RestError("AKS cannot run a command", { statusCode: 500 });
        assert.equal(run(ports, { settings: { generation: 1 } }), adopted);
        assert.ok(ports.clock < 10_000);
    });

    it("is nothing of a settle time that began before a rotation which was never seen", () => {
        const ports = new ScriptedOutside();
        let silentUntil = 0;
        const own = { settings: { verify: "off", settleTimeoutSeconds: 60 }, intent: { eTag: "0" } } as const;
        ports.onStart = () => {
            silentUntil = ports.clock + 300_000;
            return { answer: "busy", message: "a rotation has begun", waitSeconds: undefined };
        };
        const times = startTimes(ports);
        const wasSilent = () => silentUntil > 0 && ports.clock >= silentUntil;
        ports.onLook = () =>
            silentUntil > 0 && !wasSilent()
                ? new RestError("silence", { statusCode: 503 })
                : cluster("Succeeded", { eTag: wasSilent() ? "3" : "1" });
        // The credentials lag behind the rotation that nobody has seen.
        ports.onCredentials = () => credentials(wasSilent() && ports.clock > silentUntil + 40_000 ? "B" : "A");
        assert.equal(run(ports, own).outcome, "found rotated");
        assert.equal(times.length, 1);
    });
});

describe("a record that is younger than the intent", () => {
    it("says which CA was in force before the rotation", () => {
        // Generation 5 was asked for at A and failed; then 4 has rotated from A to B; now 5 is asked for again.
        const since: RotationRecord = {
            ...adopted,
            generation: 4,
            outcome: "rotated",
            caBefore: ["A"],
            caAfter: ["B"],
            finished: new Date(-1000).toISOString(),
        };
        const ports = rotating();
        const { onCredentials } = ports;
        ports.onCredentials = () =>
            JSON.stringify(onCredentials()).includes('"A"') ? credentials("B") : credentials("C");
        let asked: string | undefined;
        ports.onQuestion = ({ before }) => {
            asked = before.caCertificate;
        };
        const { caBefore, caAfter } = run(ports, {
            settings: { generation: 5 },
            intent: { generation: 5 },
            record: since,
        });
        assert.deepEqual([caBefore, caAfter, asked], [["B"], ["C"], "B"]);
    });
});
