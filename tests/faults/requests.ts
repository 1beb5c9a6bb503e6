import type { FaultAction } from "../../rehearsal/local-aks/fault";
import type { SceneOptions } from "../support/scene";
import { asked } from "../support/told";
import { type Expected, type Fault, faults, type Trial } from "../support/trial";
import {
    byCommand,
    firstCommand,
    handshakes,
    ofAdmin,
    post,
    type RequestRow,
    report,
    toAnyCluster,
    watch,
    withEntraId,
} from "./request-rows";

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
const beforeTls = disturbances.filter(({ name }) => name === disturbances[0]?.name || name === "never answered");

/** The scenes in which the rotator asks all that it can ask. */
export const scenes = {
    "any cluster": {},
    "the cluster admin's credentials": { args: { credentials: "admin" } },
    "Microsoft Entra ID": {
        kind: { aadProfile: { managed: true }, disableLocalAccounts: true },
        args: { preflight: "off" },
    },
    runCommand: {
        kind: { apiServerAccessProfile: { enablePrivateCluster: true } },
        // A command that is never answered costs a minute.
        args: { verifyThrough: "runCommand", settleTimeout: "2m" },
    },
} as const satisfies Record<string, SceneOptions>;

/** Declares those that end fast, or those for which somebody waits in vain for a while. */
export function requestFaults(slow: boolean): void {
    const chapter = (options: SceneOptions, declare: (fault: Fault) => void) =>
        faults("A request of the rotator", { rotationSeconds: 2, ...options }, declare);
    const each = (fault: Fault, rows: readonly RequestRow[], some = disturbances, expected: Expected = {}) => {
        for (const row of rows) {
            for (const { name, action } of some) {
                if ((expected.slow ?? isSlow(row, action)) === slow) {
                    fault(row.name, name, { slow, ...expected }, (trial) => disturb(trial, row, action));
                }
            }
        }
    };
    chapter(scenes["any cluster"], (fault) => {
        each(fault, toAnyCluster);
        each(fault, handshakes, beforeTls);
        for (const { name, action } of disturbances.filter(({ action }) => isSlow(post, action) === slow)) {
            // Whether a rotation has come from a request that was never answered, only Azure knows.
            const outcome = action.type === "hang" ? "found rotated" : "rotated";
            fault(post.name, name, { slow, outcome }, (trial) => disturb(trial, postRow(action), action));
        }
        for (const { name, action } of disturbances.filter(({ action }) => isSlow(report, action) === slow)) {
            fault(report.name, name, { rotations: 4, slow }, (trial) => disturbReport(trial, action));
        }
    });
    chapter(scenes["the cluster admin's credentials"], (fault) => each(fault, ofAdmin));
    chapter(scenes["Microsoft Entra ID"], (fault) =>
        each(fault, withEntraId, disturbances, { limit: "Microsoft Entra ID" }),
    );
    chapter(scenes.runCommand, (fault) => {
        const limit = "runCommand";
        const isHang = ({ action }: Disturbance) => action.type === "hang";
        each(
            fault,
            [firstCommand],
            disturbances.filter((one) => !isHang(one)),
            { slow: true, limit },
        );
        each(fault, byCommand, disturbances, { slow: true, limit });
        for (const { name, action } of slow ? disturbances.filter(isHang) : []) {
            fault(firstCommand.name, name, { slow, limit }, (trial) => silentCommand(trial, action));
        }
    });
}

/** Whether somebody waits in vain, for an answer or for what has come of a POST. */
function isSlow(row: RequestRow, action: FaultAction): boolean {
    const isLost = action.type === "reset" || (action.type === "half" && !action.cleanly);
    return action.type === "hang" || (row === post && isLost);
}

/** Half of an empty answer that seems whole is one that has lost headers: it still says that the rotation is accepted. */
function postRow(action: FaultAction): RequestRow {
    const isWhole = action.type === "half" && action.cleanly === true;
    return {
        ...post,
        reads: isWhole
            ? /Azure has accepted the rotation\. It goes on by itself/
            : /Azure did not answer the request to rotate/,
    };
}

/** One `up` that meets it, and ends well all the same. */
async function disturb(trial: Trial, row: RequestRow, action: FaultAction): Promise<string> {
    const { match, skip, since } = row;
    const { control } = trial.scene;
    if (since === undefined) {
        trial.breaks({ match, action, skip });
        await trial.succeeds();
    } else {
        const held = control.addFault({
            match: since.match,
            action: { type: "hold", when: "after" },
            skip: since.skip,
        });
        const up = trial.succeeds();
        await Promise.race([control.struck(held), up]);
        const quiet = match.kind === "apiServerConnection" ? await quietWatch(trial) : undefined;
        trial.breaks({ match, action, skip });
        control.release(held);
        try {
            await up;
        } finally {
            if (quiet !== undefined) {
                control.release(quiet);
            }
        }
    }
    const reads = row.reads ?? (action.type === "hang" ? row.readsOfHang : undefined);
    return reads === undefined ? "" : trial.read(reads);
}

/** Holds what the watch over the API server asks: for two seconds it opens no further connection. */
async function quietWatch({ scene: { control } }: Trial): Promise<number> {
    const id = control.addFault({ match: watch, action: { type: "hold", when: "before" }, count: 0 });
    await control.struck(id);
    return id;
}

/** A command that is never answered before a rotation: none is begun, and the next `up` does it. */
async function silentCommand(trial: Trial, action: FaultAction): Promise<string> {
    const { match, skip } = firstCommand;
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

/** Three rotations that fail, and no word of why. */
async function disturbReport(trial: Trial, action: FaultAction): Promise<string> {
    const { control, ref } = trial.scene;
    trial.breaks({ match: report.match, action, count: 0 });
    control.set(ref, { rotationOutcomes: Array(3).fill({ status: "Failed" }) });
    const saw = await trial.fails({
        happened: /The rotation of the cluster[^\n]* ended Failed 3 times\. Azure says: Failed\./,
        cluster: /provisioning state: Failed, seen so by this run/,
        todo: /Mend the cause first [^\n]*then run pulumi up again: it starts the rotation once more\./,
        state: asked,
    });
    trial.mends();
    await trial.succeeds();
    return saw;
}
