import assert from "node:assert/strict";
import type { X509Certificate } from "node:crypto";
import { certificatesIn } from "../../formats/certificate";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { Authority } from "../../rehearsal/local-aks/certificates";
import { Clock } from "../../rehearsal/local-aks/clock";
import { drive } from "../../rotator/drive";
import type { EarlierCa } from "../../rotator/earlier-ca";
import type { Doing } from "../../rotator/outside";
import {
    compareServerCa,
    type ProbeSchedule,
    probeRepeatedly,
    probeServerCaRepeatedly,
    provesChange,
    type ServerCa,
    SINGLE_PROBE,
    THOROUGH_PROBE,
} from "../../rotator/probe-server-ca";
import { RealSight } from "../../rotator/real-sight";
import { CheckFailed } from "../../rotator/verification";
import { verifyRotation } from "../../rotator/verify";
import { clusterFixture, hurried, question, rotated, signal } from "../support/cluster-fixture";
import { seeThrough } from "./scripted-outside";

const UNCHANGED: ServerCa = { credentials: "match", intent: "match" };
const CHANGED: ServerCa = { credentials: "match", intent: "mismatch" };

/** Something that waits for nothing. */
function* instant<Result>(act: () => Result): Doing<never, Result> {
    yield* [];
    return act();
}

/** Connections on a virtual clock, of which the nth takes `ms(n)`; `nth` says what connection n, from 1, shows. */
function probe(nth: (n: number) => ServerCa | Error, schedule = THOROUGH_PROBE, ms = (_n: number) => 0) {
    let now = 5000;
    const madeAt: number[] = [];
    const clock = {
        now: () => now,
        sleep: (pauseMs: number) =>
            instant(() => {
                assert.ok(pauseMs > 0);
                now += pauseMs;
            }),
    };
    const handshake = () =>
        instant(() => {
            madeAt.push(Math.round(now - 5000));
            now += ms(madeAt.length);
            const shown = nth(madeAt.length);
            if (shown instanceof Error) {
                throw shown;
            }
            return shown;
        });
    return { madeAt, run: () => seeThrough(probeServerCaRepeatedly<never>({ ...schedule, clock, handshake })) };
}

describe("a repeated probe of the API server's CA", () => {
    it("makes eight connections, spread evenly over 2 s, before it says that nothing has changed", () => {
        const { madeAt, run } = probe(() => UNCHANGED);
        assert.deepEqual(run(), UNCHANGED);
        assert.deepEqual(madeAt, [0, 286, 571, 857, 1143, 1429, 1714, 2000]);
    });

    for (let changed = 1; changed <= 8; changed++) {
        it(`ends with connection ${changed} where that is the first to prove a change`, () => {
            const { madeAt, run } = probe((n) => (n < changed ? UNCHANGED : n === changed ? CHANGED : UNCHANGED));
            assert.deepEqual(run(), CHANGED);
            assert.equal(madeAt.length, changed);
        });
    }

    it("makes all of them where each takes longer than its share of the time", () => {
        const { madeAt, run } = probe(
            () => UNCHANGED,
            THOROUGH_PROBE,
            () => 400,
        );
        run();
        assert.deepEqual(madeAt, [0, 400, 800, 1200, 1600, 2000, 2400, 2800]);
    });

    it("makes up for a slow connection, and still none ends the probe before its time", () => {
        const { madeAt, run } = probe(
            () => UNCHANGED,
            THOROUGH_PROBE,
            (n) => (n === 1 ? 900 : 0),
        );
        run();
        assert.deepEqual(madeAt, [0, 900, 900, 900, 1143, 1429, 1714, 2000]);
    });

    it("is one connection and no pause where one is asked for", () => {
        const { madeAt, run } = probe(() => UNCHANGED, SINGLE_PROBE);
        run();
        assert.deepEqual(madeAt, [0]);
    });

    it("proves nothing where a connection fails", () => {
        const { madeAt, run } = probe((n) => (n === 5 ? new Error("refused") : UNCHANGED));
        assert.throws(run, /refused/);
        assert.equal(madeAt.length, 5);
    });

    it("takes any question: the first answer that settles it is the result", () => {
        const answers = [1, 2, 3, 4, 5];
        const clock = { now: () => 0, sleep: () => instant(() => {}) };
        const handshake = () => instant(() => answers.shift());
        const isConclusive = (n: number | undefined) => n === 3;
        const result = seeThrough(probeRepeatedly({ connections: 5, overMs: 0, clock, handshake, isConclusive }));
        assert.equal(result, 3);
    });
});

describe("the CA of an API server's certificate, beside two bundles", () => {
    const certificate = (pem: string) => certificatesIn(pem)[0] ?? assert.fail("no certificate");
    let old: X509Certificate;
    let fresh: X509Certificate;
    let leaf: X509Certificate;

    before(async () => {
        const authority = () => Authority.create({ commonName: "ca", validSeconds: 3600 }, new Clock());
        const [one, other] = await Promise.all([authority(), authority()]);
        [old, fresh] = [certificate(one.identity.certificate), certificate(other.identity.certificate)];
        leaf = certificate((await other.issue({ commonName: "apiserver", validSeconds: 3600 }, "server")).certificate);
    });

    it("is compared with each for itself: by who has signed, not by name or number of certificates", () => {
        const cases: [credentials: X509Certificate[], intent: X509Certificate[] | undefined, ServerCa][] = [
            [[fresh], [old], { credentials: "match", intent: "mismatch" }],
            [[old], [fresh], { credentials: "mismatch", intent: "match" }],
            [[old, fresh], [old], { credentials: "match", intent: "mismatch" }],
            [[fresh], [old, fresh], { credentials: "match", intent: "match" }],
            [[fresh], [fresh, old], { credentials: "match", intent: "match" }],
            [[old], [old], { credentials: "mismatch", intent: "mismatch" }],
            [[fresh], undefined, { credentials: "match", intent: undefined }],
            // A bundle that holds nothing is none: it does not prove that the server has left it.
            [[fresh], [], { credentials: "match", intent: undefined }],
        ];
        for (const [credentials, intent, expected] of cases) {
            assert.deepEqual(compareServerCa([leaf], { credentials, intent }), expected);
        }
    });

    it("proves a change by the intent's bundle alone", () => {
        assert.equal(provesChange({ credentials: "match", intent: "mismatch" }), true);
        assert.equal(provesChange({ credentials: "mismatch", intent: "match" }), false);
        assert.equal(provesChange({ credentials: "mismatch", intent: undefined }), false);
    });
});

/** The CA of credentials as that of before a rotation. */
function earlier({ ca, caFingerprints }: Kubeconfig): EarlierCa {
    return { certificates: ca, fingerprints: caFingerprints, isComplete: true };
}

describe("an API server whose replicas are restarted one by one", function () {
    this.timeout(30_000);

    it("is found to have changed, though the old CA answers first, and is not verified before all replicas have", async () => {
        await using fixture = await clusterFixture({ settings: { alternatingSeconds: 3600 } });
        const { before, now } = await rotated(fixture);
        const cluster = new RealSight(fixture.azure(), assert.fail);
        const probe = (schedule: ProbeSchedule) => drive(cluster.serverCa(now, earlier(before), schedule, 20_000));
        // One connection meets the replica of before, the next one the other.
        const single = [await probe(SINGLE_PROBE), await probe(SINGLE_PROBE)];
        assert.deepEqual(
            single.map((shown) => shown !== "unreachable" && shown.intent),
            ["match", "mismatch"],
        );
        const unsure = { ...earlier(before), isComplete: false };
        await probe(SINGLE_PROBE);
        const shown = await drive(cluster.serverCa(now, unsure, SINGLE_PROBE, 20_000));
        assert.deepEqual(
            shown,
            { credentials: "match", intent: undefined },
            "a CA that is not at hand can have signed",
        );
        const eight = await probe({ connections: 8, overMs: 80 });
        assert.deepEqual(eight, { credentials: "match", intent: "mismatch" });

        // The same connections in turn: whichever of them meets the old replica, the verification does not pass.
        const verify = () =>
            verifyRotation(now, question({ before, now }).before, fixture.getToken, signal(), { clock: hurried });
        for (let i = 0; i < 4; i++) {
            await assert.rejects(verify(), CheckFailed);
        }
        fixture.aks.control.set(fixture.ref, { alternatingSeconds: 0 });
        assert.ok((await verify()).verified.includes("oldCaRefused"));
    });

    it("is unchanged where all eight connections agree, and unreachable where one gets no answer", async () => {
        await using fixture = await clusterFixture();
        const now = await fixture.azure().credentials(signal());
        const lines: string[] = [];
        const cluster = new RealSight(fixture.azure(), (line) => lines.push(line));
        const probe = () => drive(cluster.serverCa(now, earlier(now), { connections: 8, overMs: 80 }, 20_000));
        assert.deepEqual(await probe(), UNCHANGED);
        const reset = { match: { kind: "apiServerConnection" }, action: { type: "reset", when: "before" } } as const;
        fixture.aks.control.addFault({ ...reset, count: 2 });
        assert.deepEqual(await probe(), UNCHANGED, "two broken connections prove nothing");
        assert.deepEqual(lines, []);
        fixture.aks.control.addFault({ ...reset, count: 0 });
        assert.equal(await probe(), "unreachable");
        assert.match(lines.join("\n"), /^The API server cannot be reached: /);
    });
});
