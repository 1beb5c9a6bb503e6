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
