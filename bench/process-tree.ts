import { readFileSync } from "node:fs";
import { processes } from "../tests/support/processes";

/** These processes and all that they have started, those that run now. */
export function treeOf(roots: readonly number[]): number[] {
    const everybody = processes().filter(({ ended }) => !ended);
    const all = everybody.filter(({ pid }) => roots.includes(pid)).map(({ pid }) => pid);
    for (const pid of all) {
        all.push(...everybody.filter(({ parent }) => parent === pid).map((child) => child.pid));
    }
    return all;
}

/** Memory of processes in MB, what they share counted once (Linux's proportional set size). */
export function memoryOf(pids: readonly number[]): number {
    return pids.reduce((sum, pid) => sum + proportional(pid), 0);
}

function proportional(pid: number): number {
    try {
        const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
        return Number(kilobytes ?? 0) / 1024;
    } catch {
        return 0;
    }
}
