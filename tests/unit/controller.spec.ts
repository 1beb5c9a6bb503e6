import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import type { RotationRecord } from "../../formats/record";
import { RotationController } from "../../rotator/controller";
import type { Finding } from "../../rotator/preflight/finding";
import { RotationError } from "../../rotator/rotation-error";
import type { RotateSettings } from "../../rotator/settings";
import { CheckFailed } from "../../rotator/verification";
import { type Answer, cluster, credentials, ScriptedOutside, seeThrough } from "./scripted-outside";
import { adopted, intent, settings } from "./task";

function run(
    outside: ScriptedOutside,
    own: Partial<RotateSettings> = {},
    record: RotationRecord | undefined = adopted,
) {
    const task = {
        command: "rotate" as const,
        settings: { ...settings, ...own },
        intent,
        record,
        beganAt: outside.clock,
    };
    return seeThrough(new RotationController(outside, task).run());
}

/** Why a run stops, and after how many milliseconds. */
function stop(outside: ScriptedOutside, own: Partial<RotateSettings> = {}) {
    try {
        run(outside, own);
    } catch (error) {
        if (error instanceof RotationError) {
            return { reason: error.reason, message: error.message, after: outside.clock };
        }
        throw error;
    }
    throw new Error("It does not stop.");
}

/** A cluster that rotates when it is asked to, for 20 s. */
function rotating(): ScriptedOutside {
    const outside = new ScriptedOutside();
    let began = Number.POSITIVE_INFINITY;
    const isOver = () => outside.clock >= began + 20_000;
    outside.onStart = () => {
        began = outside.clock;
        const operation = "https://arm.example/subscriptions/s/operations/0815?api-version=1&t=2";
        return { answer: "accepted", operation, correlationId: "4711" };
    };
    outside.onLook = () =>
        outside.clock < began
            ? cluster("Succeeded")
            : cluster(isOver() ? "Succeeded" : "RotatingClusterCertificates", { eTag: "2" });
    outside.onCredentials = () => credentials(isOver() ? "B" : "A");
    return outside;
}

/** An answer that hangs from a time on. */
function after<Value>(outside: ScriptedOutside, ms: number, answer: () => Answer<Value>): () => Answer<Value> {
    return () => (outside.clock > ms ? "hangs" : answer());
}

function assertWithinASecond(ms: number, expected: number): void {
    assert.ok(ms >= expected && ms <= expected + 1000, `it takes ${ms} ms, not ${expected}`);
}

describe("a run of the rotator", () => {
    it("rotates, says how it goes on, and what the record is", () => {
        const outside = rotating();
        const start = outside.onStart;
        let asked = 0;
        outside.onStart = () => {
            asked = outside.clock;
            return start();
        };
        const { outcome, started, finished, durationSeconds } = run(outside);
        assert.deepEqual([outcome, started], ["rotated", new Date(asked).toISOString()]);
        assert.equal(durationSeconds, Math.round((Date.parse(finished) - asked) / 100) / 10);
        assert.deepEqual(outside.told.slice(0, 3), [
            "Asking Azure to rotate. If this run is interrupted from here on, the next pulumi up finds out what came of it.",
            "Azure has accepted the rotation (operation 0815). It goes on by itself, even if this run is interrupted: " +
                "the next pulumi up picks it up and does not rotate a second time.",
            "The cluster is RotatingClusterCertificates",
        ]);
        assert.equal(outside.told.at(-1), "Rotated.");
        assert.ok(!outside.told.some((line) => /not started again/.test(line)));
    });

    describe("with a preflight", () => {
        const blocker: Finding = { check: "rights", status: "blocks", message: "no right", advice: "Get it." };
        const silent: Finding = { check: "kubernetesVersion", status: "unknown", message: "no answer", advice: "" };

        it("that blocks starts nothing, and says what to do", () => {
            const outside = rotating();
            outside.onPreflight = () => [blocker];
            const { reason, message } = stop(outside);
            assert.equal(reason, "preflight");
            assert.match(message, /Nothing was rotated[\s\S]*rights: no right\. Get it\.[\s\S]*"warn"/);
            assert.ok(!outside.asked.includes("startRotation"));
        });

        it("that blocks is told and rotates all the same, where it is only to warn", () => {
            const outside = rotating();
            outside.onPreflight = () => [blocker];
            assert.equal(run(outside, { preflight: "warn" }).outcome, "rotated");
            assert.ok(outside.told.includes("The preflight finds a blocker: rights: no right. Get it."));
        });

        it("that could not look is told, and stops nothing", () => {
            const outside = rotating();
            outside.onPreflight = () => [silent];
            assert.equal(run(outside).outcome, "rotated");
            assert.ok(outside.told.includes("The preflight could not look: kubernetesVersion: no answer."));
        });

        it("that breaks or never ends stops nothing", () => {
            for (const [failure, words] of [
                ["hangs", "no answer in time"],
                [new Error("broken"), "broken"],
            ] as const) {
                const outside = rotating();
                outside.onPreflight = () => failure;
                assert.equal(run(outside).outcome, "rotated");
                assert.ok(outside.told.includes(`The preflight could not be made: ${words}`), outside.told.join());
            }
        });

        it("that is off is not made", () => {
            const outside = rotating();
            run(outside, { preflight: "off" });
            assert.ok(!outside.asked.includes("preflight"));
        });

        it("makes it once, and looks again between it and the request to rotate", () => {
            const outside = rotating();
            const start = outside.onStart;
            let busy = true;
            outside.onStart = () => {
                const answer = busy ? { answer: "busy" as const, message: "409", waitSeconds: 1 } : start();
                busy = false;
                return answer;
            };
            run(outside);
            const upToFirst = outside.asked.slice(0, outside.asked.indexOf("startRotation"));
            assert.deepEqual(upToFirst.slice(upToFirst.indexOf("preflight")), [
                "preflight",
                "apiServer",
                "look",
                "credentials",
                "apiServer",
            ]);
            assert.equal(outside.asked.filter((one) => one === "preflight").length, 1);
        });

        it("makes none where nothing is to be started", () => {
            const outside = new ScriptedOutside();
            outside.onCredentials = () => credentials("B");
            outside.onLook = () => cluster("Succeeded", { eTag: "2" });
            assert.equal(run(outside).outcome, "found rotated");
            assert.ok(!outside.asked.includes("preflight"));
        });
    });

    it("says once that a rotation which it has not started is waited for", () => {
        const outside = new ScriptedOutside();
        const isOver = () => outside.clock >= 30_000;
        outside.onLook = () => cluster(isOver() ? "Succeeded" : "RotatingClusterCertificates", { eTag: "2" });
        outside.onCredentials = () => credentials(isOver() ? "B" : "A");
        assert.equal(run(outside).outcome, "found rotated");
        assert.deepEqual(
            outside.told.filter((line) => /A rotation is under way/.test(line)),
            [
                "A rotation is under way that this run has not started: it is waited for, and not started again. It goes on " +
                    "by itself, even if this run is interrupted: the next pulumi up picks it up.",
            ],
        );
    });

    it("says that the rotation goes on where it can look no more for a reason that waiting does not mend", () => {
        const outside = rotating();
        const look = outside.onLook;
        outside.onLook = () => {
            const found = look();
            if (JSON.stringify(found).includes("RotatingClusterCertificates")) {
                outside.onLook = () => new Error("Azure answered 403 AuthorizationFailed");
            }
            return found;
        };
        assert.throws(() => run(outside), /403 AuthorizationFailed/);
        assert.match(
            outside.told.at(-1) ?? "",
            /was RotatingClusterCertificates when it was last seen.*goes on by itself.*run pulumi up again: it picks/,
        );
    });

    it("bears a token that is refused twice in a row, not one that is refused for good", () => {
        const refusing = (times: number) => {
            const outside = rotating();
            const look = outside.onLook;
            let refused = 0;
            outside.onLook = () => {
                const isUnderWay = JSON.stringify(look()).includes("RotatingClusterCertificates");
                return isUnderWay && ++refused <= times ? new RestError("revoked", { statusCode: 401 }) : look();
            };
            return outside;
        };
        assert.equal(run(refusing(2)).outcome, "rotated");
        assert.throws(() => run(refusing(3)), /revoked/);
    });

    it("says that nothing was rotated, and what was seen, where it must end before", () => {
        const outside = rotating();
        outside.onLook = () => new Error("Azure answered 403 AuthorizationFailed");
        assert.throws(() => run(outside), /403 AuthorizationFailed/);
        assert.match(
            outside.told.at(-1) ?? "",
            /^Nothing was rotated by this run; how the cluster stands .*then run pulumi up again\.$/,
        );
    });

    it("that failed and was not ours in the end is not said to be ours", () => {
        const outside = new ScriptedOutside();
        let asked = Number.POSITIVE_INFINITY;
        outside.onStart = () => {
            asked = outside.clock;
            return { answer: "accepted" };
        };
        const since = () => outside.clock - asked;
        const state = () =>
            since() < 0
                ? "Succeeded"
                : since() < 10_000
                  ? "RotatingClusterCertificates"
                  : since() < 12_000
                    ? "Failed"
                    : since() < 20_000
                      ? "RotatingClusterCertificates"
                      : "Succeeded";
        outside.onLook = () => cluster(state(), { eTag: "2" });
        outside.onCredentials = () => credentials(since() < 20_000 ? "A" : "B");
        const start = outside.onStart;
        outside.onStart = () => (since() > 0 ? { answer: "busy", message: "in progress", waitSeconds: 5 } : start());
        const { outcome, started, durationSeconds } = run(outside);
        assert.deepEqual([outcome, started, durationSeconds], ["found rotated", null, null]);
    });
});

describe("the timeout of a run", () => {
    it("is kept to the second while a rotation goes on", () => {
        const outside = rotating();
        const look = outside.onLook;
        outside.onLook = () => (outside.clock > 5000 ? cluster("RotatingClusterCertificates") : look());
        const { reason, message, after } = stop(outside);
        assert.equal(reason, "timeout");
        assertWithinASecond(after, 100_000);
        assert.match(message, /not complete within 1 m 40 s \(timeout\)\. Last seen: The cluster is Rotating/);
        assert.match(message, /operation id: 0815\n {2}correlation id: 4711\n {2}accepted: 1970-01-01T00:00:0\d\.\d+Z/);
        assert.match(message, /provisioning state: RotatingClusterCertificates, seen so by this run for 1 m 3\d s/);
    });

    const hanging: [what: string, hang: (outside: ScriptedOutside) => Partial<ScriptedOutside>][] = [
        ["the first look", () => ({ onLook: () => "hangs" })],
        ["a later look", (o) => ({ onLook: after(o, 5000, o.onLook) })],
        ["the call for the credentials", () => ({ onCredentials: () => "hangs" })],
        ["the API server", () => ({ onApiServer: () => "hangs" })],
        ["the request to rotate", () => ({ onStart: () => "hangs" })],
        ["the verification", () => ({ onVerify: () => "hangs" })],
    ];
    for (const [what, hang] of hanging) {
        it(`is kept to the second where ${what} hangs`, () => {
            const outside = rotating();
            Object.assign(outside, hang(outside));
            const { reason, after } = stop(outside, { timeoutSeconds: 30, settleTimeoutSeconds: 600 });
            assert.equal(reason, "timeout");
            assertWithinASecond(after, 30_000);
        });
    }

    it("is told where a request to rotate hangs until it is over", () => {
        const outside = rotating();
        outside.onStart = () => "hangs";
        const { message } = stop(outside, { timeoutSeconds: 30 });
        assert.match(message, /Last seen: Azure did not answer the request to rotate \(no answer in time\)/);
        assert.match(message, /operation id: not known: Azure did not answer the request to rotate/);
    });

    it("is not outlasted by a Retry-After that is longer", () => {
        const outside = rotating();
        outside.onStart = () => ({ answer: "busy", message: "throttled", waitSeconds: 3600 });
        const { reason, after } = stop(outside);
        assert.equal(reason, "timeout");
        assertWithinASecond(after, 100_000);
        assert.equal(outside.asked.filter((what) => what === "startRotation").length, 1);
    });

    it("begins no request to rotate when it is over", () => {
        const outside = rotating();
        outside.onLook = () => {
            outside.clock = 99_900;
            return cluster("Succeeded");
        };
        assert.equal(stop(outside).reason, "timeout");
        assert.ok(!outside.asked.includes("startRotation"));
    });
});

describe("the settle timeout of a run", () => {
    /** A rotation whose credentials never come, and when that could be seen first. */
    function lagging(): { outside: ScriptedOutside; seenAt: () => number } {
        const outside = rotating();
        let seenAt = 0;
        outside.onCredentials = () => credentials("A");
        outside.onApiServer = () => {
            if (outside.clock < 20_000) {
                return "sameCa";
            }
            seenAt ||= outside.clock + outside.answerMs;
            return "anotherCa";
        };
        return { outside, seenAt: () => seenAt };
    }

    it("ends within a second where the credentials never come", () => {
        for (const settleTimeoutSeconds of [3, 20, 61]) {
            const { outside, seenAt } = lagging();
            const { reason, message, after } = stop(outside, { settleTimeoutSeconds, timeoutSeconds: 600 });
            assert.equal(reason, "caUnchanged");
            assertWithinASecond(after - seenAt(), settleTimeoutSeconds * 1000);
            assert.match(
                message,
                /still hands out the old credentials[\s\S]*resourceUID: uid[\s\S]*operation id: 0815/,
            );
        }
    });

    it("ends within a second where Azure hangs meanwhile: what was seen last counts", () => {
        const { outside, seenAt } = lagging();
        outside.onLook = after(outside, 25_000, outside.onLook);
        const { reason, after: ms } = stop(outside, { settleTimeoutSeconds: 30, timeoutSeconds: 600 });
        assert.equal(reason, "caUnchanged");
        assertWithinASecond(ms - seenAt(), 30_000);
    });

    it("ends within a second where the API server never gets ready", () => {
        for (const answer of [new CheckFailed("not yet"), new Error("ECONNREFUSED"), "hangs" as const]) {
            const outside = rotating();
            let first: number | undefined;
            outside.onVerify = () => {
                first ??= outside.clock;
                return answer;
            };
            const { reason, after } = stop(outside, { settleTimeoutSeconds: 25, timeoutSeconds: 600 });
            assert.equal(reason, "unverified");
            assertWithinASecond(after - (first ?? 0), 25_000);
        }
    });
});
