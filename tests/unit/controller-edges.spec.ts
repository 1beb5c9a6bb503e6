import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import type { Intent } from "../../formats/intent";
import type { RotationRecord } from "../../formats/record";
import { RotationController } from "../../rotator/controller";
import type { EarlierCa } from "../../rotator/earlier-ca";
import type { Doing, Question } from "../../rotator/outside";
import type { ProbeSchedule, ServerCa } from "../../rotator/probe-server-ca";
import { RotationError } from "../../rotator/rotation-error";
import type { RotateSettings } from "../../rotator/settings";
import { CheckFailed } from "../../rotator/verification";
import { cluster, credentials, ScriptedOutside, seeThrough } from "./scripted-outside";
import { adopted, intent, settings } from "./task";

const rotatingState = "RotatingClusterCertificates";
const outage = new RestError("AKS cannot run a command", { statusCode: 500 });

/** A cluster with the CA A; once a rotation was accepted, or from `begins` on, it rotates to B for 20 s. */
class Cluster extends ScriptedOutside {
    began = Number.POSITIVE_INFINITY;
    readonly starts: number[] = [];
    readonly watched: number[] = [];
    /** The schedules of the connections, and how long they may take. */
    readonly probes: { overMs: number; withinMs: number }[] = [];

    override onStart: ScriptedOutside["onStart"] = () => {
        this.starts.push(this.clock);
        this.began = this.clock;
        return { answer: "accepted" };
    };
    override onLook = () =>
        this.clock < this.began
            ? cluster("Succeeded")
            : cluster(this.isOver() ? "Succeeded" : rotatingState, { eTag: "2" });
    override onCredentials = () => credentials(this.isOver() ? "B" : "A");

    isOver(): boolean {
        return this.clock >= this.began + 20_000;
    }

    override watchOutage(): void {
        this.watched.push(this.clock);
    }

    override serverCa(
        now: ReturnType<typeof credentials>,
        earlier: EarlierCa | undefined,
        schedule: ProbeSchedule,
        withinMs: number,
    ): Doing<never, ServerCa | "unreachable"> {
        this.probes.push({ overMs: schedule.overMs, withinMs });
        return super.serverCa(now, earlier, schedule, withinMs);
    }
}

interface Own {
    command?: "adopt" | "rotate";
    settings?: Partial<RotateSettings>;
    intent?: Partial<Intent>;
    beganAt?: number;
}

function run(ports: ScriptedOutside, own: Own = {}): RotationRecord {
    const task = {
        command: own.command ?? "rotate",
        settings: { ...settings, timeoutSeconds: 600, ...own.settings },
        intent: { ...intent, ...own.intent },
        record: own.command === "adopt" ? undefined : adopted,
        beganAt: own.beganAt ?? ports.clock,
    };
    return seeThrough(new RotationController(ports, task).run());
}

function reason(ports: ScriptedOutside, own: Own = {}): string {
    try {
        run(ports, own);
    } catch (error) {
        if (error instanceof RotationError) {
            return error.reason;
        }
        throw error;
    }
    throw new Error("The run does not fail.");
}

describe("an adoption", () => {
    /** Every second connection meets a replica with the CA B, until a time. */
    const alternating = (until: number) => {
        const ports = new Cluster();
        ports.onConnection = () => (ports.clock < until && ports.connections % 2 === 0 ? "B" : "A");
        return ports;
    };

    it("waits while one replica of the API server shows another CA, for the settle timeout at most", () => {
        const ports = alternating(15_000);
        assert.equal(run(ports, { command: "adopt" }).outcome, "adopted");
        assert.ok(ports.clock >= 15_000, `${ports.clock} ms`);
        const forEver = alternating(Number.POSITIVE_INFINITY);
        assert.equal(run(forEver, { command: "adopt" }).outcome, "adopted");
        assert.ok(forEver.clock >= 20_000 && forEver.clock < 25_000, `${forEver.clock} ms`);
    });

    it("asks again where the API server could not be asked for that", () => {
        const ports = new Cluster();
        let asked = 0;
        ports.onApiServer = () => (++asked === 2 ? outage : "sameCa");
        assert.equal(run(ports, { command: "adopt" }).outcome, "adopted");
        assert.equal(asked, 4);
    });

    it("fails at once where the credentials cannot be verified, or at the end of the run", () => {
        const ports = new Cluster();
        ports.onVerify = () => new CheckFailed("refused");
        assert.equal(reason(ports, { command: "adopt" }), "unverified");
        assert.ok(ports.clock < 5000, `${ports.clock} ms`);
        const hanging = new Cluster();
        hanging.onVerify = () => "hangs";
        assert.equal(reason(hanging, { command: "adopt", settings: { timeoutSeconds: 5 } }), "timeout");
    });
});

describe("a run whose requests fail", () => {
    it("ends at once where the cluster was never seen, for an outage too", () => {
        const ports = new Cluster();
        ports.onLook = () => new RestError("busy", { statusCode: 503 }) as never;
        assert.throws(() => run(ports), /busy/);
        assert.deepEqual(ports.asked, ["look"]);
    });

    it("counts a refused token anew after each answer", () => {
        const ports = new Cluster();
        const { onLook } = ports;
        let looks = 0;
        ports.onLook = () => {
            const isUnderWay = ports.starts.length > 0 && !ports.isOver();
            return isUnderWay && ++looks % 3 !== 0
                ? (new RestError("revoked", { statusCode: 401 }) as never)
                : onLook();
        };
        assert.equal(run(ports).outcome, "rotated");
    });

    it("says what Azure refuses, and is no request without an answer", () => {
        const ports = new Cluster();
        ports.onStart = () => new Error("Azure answered 403 AuthorizationFailed");
        assert.throws(() => run(ports), /403 AuthorizationFailed/);
        assert.equal(ports.asked.filter((what) => what === "startRotation").length, 1);
    });

    it("starts no rotation after its end, which is counted from when the rotator began", () => {
        const ports = new Cluster();
        ports.onConnection = () => {
            if (ports.connections === 10) {
                ports.clock = 600_100;
            }
            return undefined;
        };
        assert.equal(reason(ports), "timeout");
        assert.deepEqual(ports.starts, []);
        const late = new Cluster();
        late.onLook = () => cluster("Updating");
        late.clock = 50_000;
        assert.equal(reason(late, { beganAt: 0, settings: { timeoutSeconds: 60 } }), "timeout");
        assert.ok(late.clock < 61_000, `${late.clock} ms`);
    });

    it("takes an API server for unreachable only after the settle timeout, be it before or after a rotation", () => {
        const before = new Cluster();
        before.onApiServer = () => outage;
        assert.equal(reason(before), "unreachable");
        assert.ok(before.clock >= 20_000 && before.clock < 25_000, `${before.clock} ms`);
        const other = new Cluster();
        other.began = 0;
        other.onApiServer = () => outage;
        other.onVerify = () => outage;
        assert.equal(reason(other), "unverified");
        // A rotation so short that it was never seen under way.
        const short = new Cluster();
        short.onLook = () => cluster("Succeeded", { eTag: short.starts.length > 0 ? "2" : "1" });
        short.onCredentials = () => credentials(short.starts.length > 0 ? "B" : "A");
        short.onApiServer = () => (short.starts.length > 0 ? outage : "sameCa");
        short.onVerify = () => outage;
        assert.equal(reason(short), "unverified");
    });
});

describe("a rotation that has failed", () => {
    it("is started again where the API server cannot be asked for a while in between", () => {
        const ports = new Cluster();
        const since = () => ports.clock - (ports.starts.length === 1 ? ports.began : Number.POSITIVE_INFINITY);
        const { onLook, onCredentials } = ports;
        ports.onLook = () => (since() > 10_000 ? cluster("Failed", { eTag: "3" }) : onLook());
        ports.onCredentials = () => (ports.starts.length < 2 ? credentials("A") : onCredentials());
        ports.onApiServer = () => (since() > 60_000 && since() < 90_000 ? outage : "sameCa");
        assert.equal(run(ports, { settings: { settleTimeoutSeconds: 600, timeoutSeconds: 3600 } }).outcome, "rotated");
        assert.equal(ports.starts.length, 2);
    });
});

describe("the watch before a rotation", () => {
    it("is not made where the API server is not asked, or cannot be reached", () => {
        const off = new Cluster();
        assert.equal(run(off, { settings: { verify: "off" } }).outcome, "rotated");
        assert.equal(off.connections, 0);
        const unreachable = new Cluster();
        unreachable.onApiServer = () => "unreachable";
        assert.equal(run(unreachable, { settings: { verify: "bestEffort" } }).outcome, "rotated");
        assert.ok((unreachable.starts[0] ?? 0) < 5000, `${unreachable.starts[0]} ms`);
    });

    it("is made again where the cluster was changed right after it", () => {
        const ports = new Cluster();
        const { onLook } = ports;
        ports.onLook = () => (ports.connections >= 9 && ports.starts.length === 0 ? changed() : onLook());
        const changed = () => cluster("Succeeded", { eTag: "changed" });
        assert.equal(run(ports).outcome, "rotated");
        assert.ok((ports.starts[0] ?? 0) >= 60_000, `${ports.starts[0]} ms`);
    });

    it("has its own time beside that of a request, and a whole minute where it is not known whose CA it is", () => {
        class Unknown extends Cluster {
            override *serverCa(...args: Parameters<Cluster["serverCa"]>): Doing<never, ServerCa | "unreachable"> {
                const shown = yield* super.serverCa(...args);
                return shown === "unreachable" ? shown : { ...shown, intent: undefined };
            }
        }
        const ports = new Unknown();
        ports.clock = 1_000_000;
        run(ports, { intent: { eTag: "0" } });
        assert.ok((ports.starts[0] ?? 0) >= 1_060_000, `${ports.starts[0]} ms`);
        const watch = ports.probes.find(({ overMs }) => overMs > 2000);
        assert.ok(watch !== undefined && watch.withinMs >= 120_000, JSON.stringify(watch));
    });
});

describe("the availability of the API server", () => {
    it("is watched from the moment that a rotation is accepted or seen, and not where verify is off", () => {
        const own = new Cluster();
        run(own);
        assert.ok((own.watched[0] ?? 0) - (own.starts[0] ?? 0) <= 100, own.watched.join());
        const other = new Cluster();
        other.began = 5000;
        const states = [cluster("Updating"), cluster(rotatingState)];
        const { onLook } = other;
        let looks = 0;
        other.onLook = () => (looks++ === 0 ? cluster("Succeeded") : (states[looks - 2] ?? onLook()));
        other.onStart = () => ({ answer: "busy", message: "another", waitSeconds: 1 });
        assert.equal(run(other).outcome, "found rotated");
        assert.ok(other.watched.length > 0);
        const off = new Cluster();
        run(off, { settings: { verify: "off" } });
        assert.deepEqual(off.watched, []);
    });
});

describe("the verification of a rotation", () => {
    const bestEffort = { settings: { verify: "bestEffort" } } as const;

    it("is waited for where the API server has answered this run, or must answer", () => {
        const reached = new Cluster();
        reached.onVerify = () => new Error("ECONNREFUSED");
        run(reached, bestEffort);
        assert.ok(reached.clock - (reached.starts[0] ?? 0) >= 40_000, `${reached.clock} ms`);

        const never = new Cluster();
        never.onApiServer = () => "unreachable";
        never.onVerify = () => new Error("ECONNREFUSED");
        run(never, bestEffort);
        assert.ok(never.clock - (never.starts[0] ?? 0) < 25_000, `${never.clock} ms`);

        const required = new Cluster();
        required.began = 0;
        required.onApiServer = () => "unreachable";
        required.onVerify = () => new Error("ECONNREFUSED");
        assert.equal(reason(required), "unverified");
        assert.ok(required.clock >= 40_000 && required.clock < 45_000, `${required.clock} ms`);
    });

    it("has one settle timeout, from when the credentials have followed", () => {
        const ports = new Cluster();
        const since = () => ports.clock - ports.began - 20_000;
        ports.onCredentials = () => credentials(since() > 15_000 ? "B" : "A");
        ports.onApiServer = () => (since() > 0 && since() < 15_000 ? "anotherCa" : "sameCa");
        const { onVerify } = ports;
        ports.onVerify = () => (since() < 30_000 ? new CheckFailed("not yet") : onVerify());
        assert.equal(run(ports).outcome, "rotated");
    });

    it("has another one where an operation was under way in between", () => {
        const ports = new Cluster();
        const { onLook, onVerify } = ports;
        const since = () => ports.clock - ports.began - 20_000;
        ports.onLook = () => (since() > 15_000 && since() < 40_000 ? cluster("Updating", { eTag: "3" }) : onLook());
        ports.onVerify = () => (since() < 50_000 ? new CheckFailed("not yet") : onVerify());
        assert.equal(run(ports).outcome, "rotated");
    });

    it("forgets a wrong answer of before an operation that was under way in between", () => {
        const ports = new Cluster();
        const { onLook } = ports;
        const since = () => ports.clock - ports.began - 20_000;
        ports.onLook = () => (since() > 15_000 && since() < 40_000 ? cluster("Updating", { eTag: "3" }) : onLook());
        ports.onVerify = () => (since() < 20_000 ? new CheckFailed("not yet") : new Error("ECONNREFUSED"));
        assert.equal(run(ports, bestEffort).outcome, "rotated");
    });

    it("is of the credentials of before the rotation, where this run has read them, and of the cluster that is there", () => {
        const questions: Question[] = [];
        const own = new Cluster();
        own.onQuestion = (question) => questions.push(question);
        assert.equal(run(own, { intent: { resourceUID: undefined } }).resourceUID, "uid");
        const found = new Cluster();
        found.began = -20_000;
        found.onQuestion = (question) => questions.push(question);
        assert.equal(run(found).outcome, "found rotated");
        assert.deepEqual(
            questions.map(({ before }) => before.credentials?.caFingerprints),
            [["A"], undefined],
        );
    });
});
