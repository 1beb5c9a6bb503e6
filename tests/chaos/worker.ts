/** A process that plays runs, one after the other, as main.ts hands them out. */
import { until } from "../support/processes";
import type { Scene } from "../support/scene";
import { adopted } from "../support/trial";
import { play } from "./play";
import type { Run } from "./run";

/** What a worker tells: that it can have a run, with what came of the last one. */
export type Word =
    | { ready: true }
    | { run: Run; killed: boolean; outcome: string; ready: true }
    | { run: Run; failure: string; ready: true };

/** After so many runs a scene is made anew, since every rotation adds to the secrets that are searched for. */
const runsInAScene = 20;

const say = (word: Word) => process.send?.(word);

let scene: Scene | undefined;
let runs = 0;
let engineMs = 0;

async function take(run: Run): Promise<void> {
    try {
        scene ??= await open();
        const played = await play(scene, run, engineMs);
        runs += 1;
        if (runs === runsInAScene) {
            await close();
        }
        say({ run, ...played, ready: true });
    } catch (error) {
        await close();
        say({ run, failure: `${(error as Error).stack ?? error}\n(engineMs ${Math.round(engineMs)})`, ready: true });
    }
}

async function open(): Promise<Scene> {
    const opened = await adopted({ rotationSeconds: 0 });
    runs = 0;
    if (engineMs === 0) {
        engineMs = await measure(opened);
    }
    return opened;
}

/** How long the engine runs of an `up` that rotates in no time. */
async function measure(opened: Scene): Promise<number> {
    let over = false;
    const up = opened.up(2).finally(() => {
        over = true;
    });
    const isThere = () => {
        try {
            return opened.cast.engine > 0;
        } catch {
            return false;
        }
    };
    await until("an engine", () => over || isThere());
    const from = performance.now();
    await until("the end of the engine", () => !isThere());
    await up;
    return performance.now() - from;
}

async function close(): Promise<void> {
    const closing = scene;
    scene = undefined;
    await closing?.[Symbol.asyncDispose]();
}

process.on("message", (run: Run) => void take(run));
process.once("disconnect", () => void close().finally(() => process.exit()));
say({ ready: true });
