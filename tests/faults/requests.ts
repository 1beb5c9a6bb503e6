import assert from "node:assert/strict";
import type { FaultAction } from "../../rehearsal/local-aks/fault";
import { asked } from "../support/told";
import { type Fault, faults, type Trial } from "../support/trial";
import { type RequestRow, report, rowsOf, watch } from "./request-rows";
import { firstCommand, type Part, post, type SceneName, scenes } from "./request-steps";

interface Disturbance {
    name: string;
    action: FaultAction;
}

const disturbances: readonly Disturbance[] = [
    { name: "reset before it is handled", action: { type: "reset", when: "before" } },
    { name: "reset after it was handled", action: { type: "reset", when: "after" } },
    { name: "half an answer", action: { type: "half" } },
    { name: "half an answer that seems whole", action: { type: "half", cleanly: true } },
    { name: "never answered", action: { type: "hang", when: "after" } },
];

/** Nothing is asked yet that could be handled. */
const beforeTls = disturbances.filter(({ name }) => name === "reset before it is handled" || name === "never answered");

/** For what is disturbed in all ways elsewhere. */
const inSome = disturbances.filter(({ name }) => name === "half an answer" || name === "never answered");

/** The one that `npm test` has of every row. */
const first = { request: "half an answer", connection: "reset before it is handled" };

/** Those for which somebody waits in vain for a while, or that end well if others do, are left out of `npm test`. */
export type Speed = "fast" | "slow";

/** Declares the disturbances of what the rotator asks in a scene. */
export function requestFaults(scene: SceneName, part: Part, speeds: readonly Speed[]): void {
    const rows = rowsOf(scene, part);
    faults("A request of the rotator", { rotationSeconds: 2, ...scenes[scene] }, (fault) => {
        for (const row of part === "from the POST on" && scene === "any cluster" ? [...rows, watch, report] : rows) {
            for (const { name, action } of waysOf(row)) {
                const slow = scene === "runCommand" || isSlow(row, name, action);
                if (speeds.includes(slow ? "slow" : "fast")) {
                    declare(withLimit(fault, scene), row, name, action, slow);
                }
            }
        }
    });
}

/** What is known of a scene: which checks cannot be made in it. */
function withLimit(fault: Fault, scene: SceneName): Fault {
    const limit = scene === "runCommand" || scene === "Microsoft Entra ID" ? scene : "none";
    return (broken, where, expected, play) => fault(broken, where, { limit, ...expected }, play);
}

function declare(fault: Fault, row: RequestRow, name: string, action: FaultAction, slow: boolean): void {
    const hangs = action.type === "hang";
    if (row === report) {
        fault(row.name, name, { rotations: 2, slow: true }, (trial) => disturbReport(trial, action));
    } else if (row.name === post.name) {
        // Whether a rotation has come from a request that was never answered, only Azure knows.
        const outcome = hangs ? "found rotated" : "rotated";
        fault(row.name, name, { slow, outcome }, (trial) => disturb(trial, postRow(row, action), action));
    } else if (row.name === firstCommand.name && hangs) {
        fault(row.name, name, { slow }, (trial) => silentCommand(trial, row, action));
    } else {
        fault(row.name, name, { slow }, (trial) => disturb(trial, row, action));
    }
}

function waysOf({ match, ways }: RequestRow): readonly Disturbance[] {
    if (match.kind === "apiServerConnection") {
        return beforeTls;
    }
    return ways === "all" ? disturbances : inSome.filter(({ action }) => ways === "some" || action.type !== "hang");
}

function isSlow({ name: row, match, critical }: RequestRow, name: string, action: FaultAction): boolean {
    // Then it is looked for what has come of it.
    const isLost = action.type === "reset" || (action.type === "half" && !action.cleanly);
    if (action.type === "hang" || (row === post.name && isLost)) {
        return true;
    }
    return !critical && name !== (match.kind === "apiServerConnection" ? first.connection : first.request);
}

/** Half of an empty answer that seems whole is one that has lost headers: it still says that the rotation is accepted. */
function postRow(row: RequestRow, action: FaultAction): RequestRow {
    const isWhole = action.type === "half" && action.cleanly === true;
    return {
        ...row,
        reads: isWhole
            ? /Azure has accepted the rotation\. It goes on by itself/
            : /Azure did not answer the request to rotate/,
    };
}

/** One `up` that meets it, and ends well all the same. */
async function disturb(trial: Trial, row: RequestRow, action: FaultAction): Promise<string> {
    const record = await meet(trial, row, action);
    if (row.verifies !== undefined) {
        assert.ok(record.verified.includes(row.verifies), `${row.verifies} is verified in the end`);
    }
    const reads = row.reads ?? (action.type === "hang" ? row.readsOfHang : undefined);
    return reads === undefined ? "" : trial.read(reads);
}

async function meet(trial: Trial, { match, skip, since, watched }: RequestRow, action: FaultAction) {
    const { control, ref } = trial.scene;
    if (since === undefined) {
        trial.breaks({ match, action, skip });
        return trial.succeeds();
    }
    const held = control.addFault({
        match: since.match,
        action: { type: "hold", when: "after" },
        skip: since.skip,
    });
    const up = trial.succeeds();
    await Promise.race([control.struck(held), up]);
    if (since.untilIdle) {
        await control.waitUntilIdle(ref);
    }
    const quiet = match.kind === "apiServerConnection" && watched ? await quietWatch(trial) : undefined;
    trial.breaks({ match, action, skip });
    control.release(held);
    try {
        return await up;
    } finally {
        if (quiet !== undefined) {
            control.release(quiet);
        }
    }
}

/** Holds what the watch over the API server asks: for two seconds it opens no further connection. */
async function quietWatch({ scene: { control } }: Trial): Promise<number> {
    const id = control.addFault({ match: watch.match, action: { type: "hold", when: "before" }, count: 0 });
    await control.struck(id);
    return id;
}

/** A command that is never answered before a rotation: none is begun, and the next `up` does it. */
async function silentCommand(trial: Trial, { match, skip }: RequestRow, action: FaultAction): Promise<string> {
    trial.breaks({ match, action, skip });
    const saw = await trial.fails({
        happened: /The API server could not be asked by a command in the cluster: no answer in time/,
        cluster: /Nothing was rotated by this run; the cluster is Succeeded\./,
        todo: /See that `az aks command invoke` works on the cluster[^\n]*, then run pulumi up again/,
        state: asked,
    });
    trial.mends();
    await trial.succeeds();
    return saw;
}

/** A rotation that fails, and no word of why: it is started again. */
async function disturbReport(trial: Trial, action: FaultAction): Promise<string> {
    const { control, ref } = trial.scene;
    trial.breaks({ match: report.match, action, count: 0 });
    control.set(ref, { rotationOutcomes: [{ status: "Failed" }] });
    await trial.succeeds();
    return trial.read(/Azure has accepted the rotation \(try 2/);
}
