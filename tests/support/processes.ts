import { execFileSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";

/** A process of this machine. */
export interface Process {
    pid: number;
    parent: number;
    /** Whether it has ended, and its parent has not asked how. */
    ended: boolean;
    /** The program and its arguments. */
    args: string;
}

/** The processes of an `up`, those that run now. */
export interface Cast {
    engine: number;
    /** Of the command plugin. */
    plugin: number | undefined;
    rotator: number | undefined;
    /** All that the engine has started, and what these have, the engine first. */
    all: number[];
}

/** The processes of this machine, as `ps` tells them. */
export function processes(): Process[] {
    const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" }).split("\n");
    return lines.flatMap((line) => {
        const [, pid, parent, state = "", args = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
        return pid === undefined
            ? []
            : [{ pid: Number(pid), parent: Number(parent), ended: state.startsWith("Z"), args }];
    });
}

/**
 * The processes of the `up` that runs in a project's folder.
 *
 * @throws Error when there is not exactly one
 */
export function castOf(directory: string): Cast {
    const everybody = processes();
    const engines = everybody.filter(({ args }) => args.startsWith(`${directory}/engine/bin/pulumi up`));
    const [engine] = engines;
    if (engine === undefined || engines.length > 1) {
        throw new Error(`${engines.length} engines run in ${directory}, and one is looked for.`);
    }
    const all = [engine];
    for (const { pid } of all) {
        all.push(...everybody.filter(({ parent }) => parent === pid));
    }
    const pidOf = (pattern: RegExp) => all.find(({ args }) => pattern.test(args))?.pid;
    return {
        engine: engine.pid,
        plugin: pidOf(/pulumi-resource-command|plugins\/command\.js/),
        rotator: pidOf(/^\S*node\S* .*aks-certificate-rotation\/rotator.* (snapshot|adopt|rotate)$/),
        all: all.map(({ pid }) => pid),
    };
}

/** Whether any of these processes runs: one that has ended and is not missed yet does not. */
export function anyRuns(pids: readonly (number | undefined)[]): boolean {
    const known = pids.filter((pid) => pid !== undefined);
    return known.some(isThere) && processes().some(({ pid, ended }) => known.includes(pid) && !ended);
}

function isThere(pid: number): boolean {
    try {
        return process.kill(pid, 0);
    } catch {
        return false;
    }
}

/** Sends a signal to processes, those that are there; tells whether any was. */
export function send(signal: NodeJS.Signals, pids: readonly (number | undefined)[]): boolean {
    let sent = false;
    for (const pid of pids) {
        try {
            sent = (pid !== undefined && process.kill(pid, signal)) || sent;
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
                throw error;
            }
        }
    }
    return sent;
}

/** How long anything is waited for, in milliseconds: less than a test may take, so that it can clear up. */
const limitMs = 60_000;

/**
 * Settles when something holds that tells nobody when it begins to.
 *
 * @throws Error after a minute
 */
export async function until(what: string, holds: () => boolean): Promise<void> {
    const end = performance.now() + limitMs;
    while (!holds()) {
        if (performance.now() > end) {
            throw new Error(`This was waited for in vain: ${what}.`);
        }
        await setTimeout(50);
    }
}
