import assert from "node:assert/strict";
import type { FaultMatch } from "../../rehearsal/local-aks/fault";
import type { RequestEntry } from "../../rehearsal/local-aks/request-log";
import { adopted } from "../support/adopted";
import type { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";
import { byRotator } from "./points";
import { type RequestRow, type Requests, rowsOf, watch } from "./request-rows";
import { type SceneName, type Step, scenes, sequences } from "./request-steps";

const ofAnyCluster = new Set(sequences["any cluster"].map(described));

describe("The list of disturbed requests", function () {
    this.timeout(engineTimeoutMs);
    for (const name of Object.keys(scenes) as SceneName[]) {
        it(`is what the rotator asks, in its order, and strikes what it names, with ${name}`, async () => {
            await using scene = await adopted({ rotationSeconds: 2, ...scenes[name] });
            scene.control.clearRequests();
            await smoothUp(scene);
            const log = withoutWatch(scene.control.requests());
            const found = placesOf(sequences[name], log, name !== "runCommand");
            for (const row of rowsOf(name)) {
                const places = found.get(row.name) ?? [];
                assert.ok(places.includes(strikes(row, log)), `the fault for "${row.name}" is for another`);
            }
        });
        it(`leaves out only what is disturbed in the same place of any cluster, with ${name}`, () => {
            const never = sequences[name].filter((step) => step.ways === undefined);
            assert.deepEqual(
                never.filter((step) => !ofAnyCluster.has(described(step))).map((step) => step.name),
                [],
            );
            const names = sequences[name].map((step) => step.name);
            assert.deepEqual([...new Set(names)], names, "each has a name of its own");
        });
    }
    it("has all that is asked of any cluster", () => {
        assert.ok(sequences["any cluster"].every(({ ways }) => ways !== undefined));
    });
});

/** The first look at the rotation is answered when that is over: else one could come before its end, and see it ended. */
async function smoothUp(scene: Scene): Promise<void> {
    const { control, ref } = scene;
    const match = { ...byRotator, kind: "getCluster", provisioningState: "RotatingClusterCertificates" } as const;
    const look = control.addFault({ match, action: { type: "hold", when: "after" } });
    const up = scene.up(2);
    await Promise.race([control.struck(look), up]);
    await control.waitUntilIdle(ref);
    control.release(look);
    await up;
}

function described({ name, command, kind, path, state }: Step): string {
    return [name, command, kind, path, state].join("|");
}

/** The log without what is asked once a second: that comes between the others by chance. */
function withoutWatch(log: readonly RequestEntry[]): RequestEntry[] {
    const watched = new Set(log.filter((entry) => matches(watch.match, entry)).map(({ clientPort }) => clientPort));
    return log.filter(
        ({ kind, clientPort, provisioningState }) =>
            !(/^apiServer/.test(kind) && watched.has(clientPort)) &&
            // One of those whose server went before it could ask; the rotator asks nothing else meanwhile.
            !(kind === "apiServerConnection" && provisioningState === "RotatingClusterCertificates"),
    );
}

/**
 * Asserts that a log has the steps and nothing else, and finds where in it each is, by name. A step that comes beside
 * others has a place at each of its like that is made after the same reading of credentials.
 *
 * @param handshakes whether connections on which nothing is asked are the rotator's: where it is run in the cluster by a
 * command, they are those of kubectl
 */
function placesOf(
    steps: readonly Step[],
    log: readonly RequestEntry[],
    handshakes: boolean,
): Map<string, readonly number[]> {
    const asking = new Set(log.filter(({ kind }) => kind === "apiServer").map(({ clientPort }) => clientPort));
    const isOwn = ({ kind, userAgent = "", clientPort }: RequestEntry) =>
        kind === "apiServerConnection"
            ? handshakes && !asking.has(clientPort)
            : new RegExp(byRotator.userAgent).test(userAgent);
    let [processes, readings] = [0, 0];
    const asked = log.flatMap((entry, at) => {
        // Each of the two commands begins with the cloud's metadata.
        processes += isOwn(entry) && entry.kind === "metadata" ? 1 : 0;
        readings += isOwn(entry) && isReading(entry) ? 1 : 0;
        const command = ["", "snapshot", "rotate"][processes] ?? `process ${processes}`;
        const { kind, provisioningState: state } = entry;
        const path = steps.find((one) => isOf(one, entry))?.path;
        return isOwn(entry) ? [{ at, reading: readings, words: wordsOf({ command, kind, path, state }) }] : [];
    });
    const expected = steps.map((step, at) => ({
        step,
        reading: steps.slice(0, at + 1).filter(isReading).length,
        words: wordsOf(step),
    }));
    const [stepsBeside, stepsInOrder] = split(expected, ({ step }) => step.beside === true);
    const isLike = (a: { reading: number; words: string }, b: { reading: number; words: string }) =>
        a.reading === b.reading && a.words === b.words;
    const [chance, certain] = split(asked, (one) => {
        const isFirst = asked.find((other) => isLike(one, other)) === one;
        const hasOwnPlace = stepsInOrder.some((other) => isLike(one, other));
        return stepsBeside.some((other) => isLike(one, other)) && !(isFirst && hasOwnPlace);
    });
    const repeats = steps.filter(({ many }) => many).map(wordsOf);
    const inOrder = certain.filter(({ words }, i) => !(repeats.includes(words) && certain[i - 1]?.words === words));
    const words = (list: readonly { words: string }[]) => list.map((one) => one.words);
    assert.deepEqual(words(inOrder), words(stepsInOrder));
    const kinds = (list: readonly { words: string; reading: number }[]) =>
        [...new Set(list.map((one) => `${one.reading} ${one.words}`))].sort();
    assert.deepEqual(kinds(chance), kinds(stepsBeside));
    const places = new Map<string, readonly number[]>();
    for (const [i, { step }] of stepsInOrder.entries()) {
        places.set(step.name, [inOrder[i]?.at ?? -1]);
    }
    for (const { step, ...like } of stepsBeside) {
        const own = chance.filter((one) => isLike(one, like)).map(({ at }) => at);
        const first = certain.find((one) => isLike(one, like))?.at ?? -1;
        // A connection on which the API server is asked can come in the place of one of these.
        const asks = log.flatMap(({ kind, clientPort }, at) => {
            const before = log.slice(0, at + 1);
            const isReadingsOwn = before.filter((one) => isOwn(one) && isReading(one)).length === like.reading;
            return kind === "apiServerConnection" && asking.has(clientPort) && isReadingsOwn && at > first ? [at] : [];
        });
        places.set(step.name, step.kind === "apiServerConnection" ? [...own, ...asks] : own);
    }
    return places;
}

function isReading({ kind }: Pick<Step, "kind">): boolean {
    return kind === "listClusterUserCredential" || kind === "listClusterAdminCredential";
}

/** What of a step the log can tell. */
function wordsOf({
    command,
    kind,
    path,
    state,
}: Record<"command" | "kind", string> & Partial<Record<"path" | "state", string | undefined>>): string {
    return `${command}: ${[kind, state, path].filter((word) => word !== undefined).join(" ")}`;
}

function isOf({ kind, path = "", state }: Step, entry: RequestEntry): boolean {
    return entry.kind === kind && entry.provisioningState === state && new RegExp(path, "i").test(entry.path);
}

function split<T>(list: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
    return [list.filter(isFirst), list.filter((one) => !isFirst(one))];
}

/** Which entry of a log the fault of a row would have struck. */
function strikes({ since, ...requests }: RequestRow, log: readonly RequestEntry[]): number {
    const from = since === undefined ? 0 : nth(since, log, 0) + 1;
    return nth(requests, log, from);
}

function nth({ match, skip }: Requests, log: readonly RequestEntry[], from: number): number {
    const all = log.flatMap((entry, at) => (at >= from && matches(match, entry) ? [at] : []));
    return all[skip] ?? assert.fail(`there are only ${all.length} requests ${JSON.stringify(match)}`);
}

function matches({ kind, path = "", userAgent = "", provisioningState }: FaultMatch, entry: RequestEntry): boolean {
    return (
        entry.kind === kind &&
        new RegExp(path, "i").test(entry.path) &&
        new RegExp(userAgent, "i").test(entry.userAgent ?? "") &&
        (provisioningState === undefined || entry.provisioningState === provisioningState)
    );
}
