import assert from "node:assert/strict";
import pLimit from "p-limit";
import type { Intent } from "../../formats/intent";
import { parseKubeconfig } from "../../formats/kubeconfig";
import { type ClusterRef, type FaultMatch, type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { type RotatorEnd, RotatorProcess } from "../support/rotator-process";
import { adopted, intent } from "./task";

type Command = "snapshot" | "rotate";

/** With room for a busy machine, on which a rotation takes five seconds to come to its last question. */
const timeoutSeconds = 9;
const settleSeconds = 3;
const hang = { type: "hang", when: "before" } as const;
const both = ["rotate", "snapshot"] as const;
const throughCommand = { AKS_ROTATION_VERIFY_THROUGH: "runCommand" };
const asking = "asking Azure for the cluster";
const question = { kind: "apiServer", path: "selfsubjectreviews" } as const;
const handshake = { kind: "apiServerConnection" } as const;

/** What hangs of what is asked of an Azure in which there is no cluster yet: the whole program does not get further. */
const first = [
    ["the cloud's metadata", "metadata", "how the cluster stands could not be found out"],
    ["the OpenID configuration", "discovery", asking],
    ["the token", "token", asking],
] as const;

/** What hangs of what is asked of a cluster. */
const later: [
    what: string,
    match: FaultMatch,
    /** What a rotation says that it has seen last; a snapshot is not asked. */
    lastSeen: string,
    commands: readonly Command[],
    own?: Record<string, string>,
][] = [
    ["the look", { kind: "getCluster" }, asking, both],
    ["the call for the credentials", { kind: "listClusterUserCredential" }, asking, both],
    ["the handshake of the API server", handshake, "the cluster is Succeeded", both],
    ["the preflight's question for rights", { kind: "permissions" }, "the cluster is Succeeded", ["rotate"]],
    ["the request to rotate", { kind: "rotateClusterCertificates" }, "Azure did not answer the request", ["rotate"]],
    ["the question of the verification", question, "was not complete within 9 s", ["rotate"]],
    ["the request to run a command", { kind: "runCommand" }, "the cluster is Succeeded", both, throughCommand],
    ["the result of a command", { kind: "commandResult" }, "the cluster is Succeeded", both, throughCommand],
];

/** What hangs once it is known that Azure still hands out the old credentials, which it does for ever here. */
const whileWaiting: [what: string, match: FaultMatch | undefined][] = [
    ["nothing", undefined],
    ["the look", { kind: "getCluster" }],
    ["the call for the credentials", { kind: "listClusterUserCredential" }],
    ["the handshake of the API server", handshake],
];

describe("the rotator's own process", function () {
    this.timeout(90_000);
    // Two begin at a time, for the machine's sake. How many of them wait costs nothing: all the tests do so at once.
    const begin = pLimit(2);
    const plays: (() => Promise<void>)[] = [];
    let played: Promise<void>[] = [];
    const rotators: RotatorProcess[] = [];
    const clouds: LocalAks[] = [];
    let cloud: LocalAks;
    let clusters = 0;

    before(async () => {
        cloud = await newCloud();
        played = plays.map((play) => play());
        for (const one of played) {
            // Its own test tells.
            one.catch(() => undefined);
        }
    });
    after(async () => {
        for (const rotator of rotators) {
            rotator.kill();
        }
        await Promise.all(clouds.map((each) => each.close()));
    });

    for (const [what, kind, seen] of first) {
        for (const command of both) {
            test(`ends at its timeout where ${what} never comes: ${command}`, async () => {
                const own = await newCloud();
                await timesOut(own, command, { kind }, { ...variables(own, "blue"), ...known(intent) }, seen);
            });
        }
    }

    for (const [what, match, seen, commands, own] of later) {
        for (const command of commands) {
            test(`ends at its timeout where ${what} hangs: ${command}`, async () => {
                const { environment, about } = await newCluster();
                await timesOut(cloud, command, { ...match, ...about }, { ...environment, ...own }, seen);
            });
        }
    }

    for (const [what, match] of whileWaiting) {
        test(`ends at its settleTimeout where the credentials stay old, and ${what} hangs`, async () => {
            const { environment, ref, about } = await newCluster();
            cloud.control.set(ref, { credentialsLagSeconds: 10_000 });
            await settles(ref, environment, /still hands out the old credentials/, async (rotator) => {
                await rotator.says(/waiting for the new credentials/);
                if (match !== undefined) {
                    breaks(cloud, { ...match, ...about });
                }
            });
        });
    }

    test("ends at its settleTimeout where the question of the verification hangs", async () => {
        const { environment, ref, about } = await newCluster();
        const hanging = breaks(cloud, { ...question, ...about });
        await settles(ref, environment, /was rotated, but the result cannot be verified/, (rotator) =>
            rotator.before(hanging(), "the verification"),
        );
    });

    test("ends at its settleTimeout where the API server hangs since the rotation", async () => {
        const { environment, ref, about } = await newCluster();
        // The look after the request to rotate is held until the rotation is over, so that it sees Succeeded.
        const look = { kind: "getCluster", ...about } as const;
        const id = cloud.control.addFault({ match: look, action: { type: "hold", when: "before" }, skip: 2 });
        const run = async (rotator: RotatorProcess) => {
            await rotator.before(cloud.control.struck(id), "the look after the request to rotate");
            const hanging = breaks(cloud, { ...handshake, ...about });
            cloud.control.release(id);
            await rotator.before(hanging(), "it asks the API server");
        };
        // Longer than a server has before it is called unreachable.
        await settles(ref, environment, /was rotated, but the result cannot be verified/, run, 12);
    });

    function test(name: string, play: () => Promise<void>): void {
        const at = plays.push(play) - 1;
        it(name, () => played[at]);
    }

    async function newCloud(): Promise<LocalAks> {
        const made = await startLocalAks({ rotationSeconds: 1, kubectlStandIn: true });
        clouds.push(made);
        return made;
    }

    /** A cluster: what a rotation of it is told, and how a fault matches what is about it. */
    async function newCluster() {
        const ref = { resourceGroup: "group", name: `blue-${++clusters}` };
        await cloud.addCluster({ ...ref, backend: "light" });
        const { id, resourceUID, eTag } = cloud.control.cluster(ref);
        const { caFingerprints, caCertificate } = parseKubeconfig(cloud.control.kubeconfig(ref, "user"));
        const now = {
            ...intent,
            clusterId: id.toLowerCase(),
            resourceUID,
            eTag,
            askedAt: new Date().toISOString(),
            caFingerprints,
            caCertificate,
        };
        const about = { resourceGroup: ref.resourceGroup, cluster: ref.name };
        return { ref, about, environment: { ...variables(cloud, ref.name), ...known(now) } };
    }

    /** Has something hang from now on; what comes back waits for the first that does. */
    function breaks(where: LocalAks, match: FaultMatch): () => Promise<void> {
        const id = where.control.addFault({ match, action: hang, count: 0 });
        return () => where.control.struck(id);
    }

    function start(command: Command, environment: Record<string, string>): RotatorProcess {
        const rotator = new RotatorProcess(command, environment);
        rotators.push(rotator);
        return rotator;
    }

    /** A run that meets what hangs, and ends within a second after its timeout, by its own clock. */
    async function timesOut(
        where: LocalAks,
        command: Command,
        match: FaultMatch,
        environment: Record<string, string>,
        lastSeen: string,
    ): Promise<void> {
        const hanging = breaks(where, match);
        const rotator = await begin(async () => {
            // What came before a snapshot would be an intent.
            const own = command === "snapshot" ? { ...environment, PULUMI_COMMAND_STDOUT: "" } : environment;
            const begun = start(command, own);
            await begun.before(hanging(), "the request that hangs");
            return begun;
        });
        const end = await rotator.ended;
        const { age, told } = end;
        assertInTime([age, age], timeoutSeconds, end);
        const words = command === "rotate" ? lastSeen : "Nothing was rotated by this run";
        assert.ok(told.includes(words), `it does not tell "${words}", but:\n${told}`);
    }

    /** A rotation that ends within a second after its settleTimeout. `until`: for what shows that this has begun. */
    async function settles(
        ref: ClusterRef,
        environment: Record<string, string>,
        words: RegExp,
        until: (rotator: RotatorProcess) => Promise<void>,
        seconds = settleSeconds,
    ): Promise<void> {
        const own = { AKS_ROTATION_TIMEOUT_SECONDS: "60", AKS_ROTATION_SETTLE_TIMEOUT_SECONDS: String(seconds) };
        const rotator = await begin(async () => {
            const begun = start("rotate", { ...environment, ...own });
            await begun.says(/Azure has accepted the rotation/);
            return begun;
        });
        // It begins between these two: a busy machine can take its time to show it.
        await cloud.control.waitUntilIdle(ref);
        const earliest = performance.now();
        await until(rotator);
        const latest = performance.now();
        const end = await rotator.ended;
        assert.match(end.told, words);
        assertInTime([end.at - latest, end.at - earliest], seconds, end);
    }
});

/** Asserts that a run failed after so many seconds, and less than one more, where that is known to lie between two numbers. */
function assertInTime([least, most]: [number, number], seconds: number, { code, told, stoodStill }: RotatorEnd): void {
    assert.equal(code, 1, told);
    const inTime = most >= seconds * 1000 && least - stoodStill < (seconds + 1) * 1000;
    assert.ok(
        inTime,
        `it took ${least} to ${most} ms (${stoodStill} of them at a standstill), not ${seconds} s:\n${told}`,
    );
}

/** What a rotator is told of its sign-in and its settings. */
function variables(cloud: LocalAks, name: string): Record<string, string> {
    return {
        ...cloud.environment,
        PATH: process.env.PATH ?? "",
        AKS_ROTATION_SUBSCRIPTION_ID: cloud.subscriptionId,
        AKS_ROTATION_RESOURCE_GROUP: "group",
        AKS_ROTATION_CLUSTER: name,
        AKS_ROTATION_GENERATION: "2",
        AKS_ROTATION_CREDENTIALS: "user",
        AKS_ROTATION_VERIFY: "required",
        AKS_ROTATION_TIMEOUT_SECONDS: String(timeoutSeconds),
        AKS_ROTATION_SETTLE_TIMEOUT_SECONDS: "60",
    };
}

/** What a rotation is told of what is known of its cluster: the intent of generation 2, and the record of generation 1. */
function known(now: Intent): Record<string, string> {
    const { clusterId, resourceUID, caFingerprints } = now;
    const record = { ...adopted, clusterId, resourceUID, caBefore: caFingerprints, caAfter: caFingerprints };
    return { AKS_ROTATION_INTENT: JSON.stringify(now), PULUMI_COMMAND_STDOUT: JSON.stringify(record) };
}
