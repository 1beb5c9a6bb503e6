import assert from "node:assert/strict";
import type { FaultMatch } from "../../rehearsal/local-aks/fault";
import { byRotator } from "./points";
import { type Part, post, type SceneName, type Step, sequences } from "./request-steps";

/** Some of the requests of the rotator in an `up` that rotates. */
export interface Requests {
    match: FaultMatch;
    /** How many of its like come before the one that is meant. */
    skip: number;
}

/** From where others are counted. */
export interface Base extends Requests {
    /** Whether its answer comes only when the rotation is over, so that the next look is the one that sees it. */
    untilIdle: boolean;
}

/** A request of the rotator that is disturbed. */
export interface RequestRow
    extends Requests,
        Pick<Step, "name" | "ways" | "critical" | "reads" | "readsOfHang" | "verifies"> {
    /** The request from whose answer on its like are counted; else it is from the beginning. */
    since?: Base;
    /** Whether connections of the watch over the API server can come between. */
    watched?: boolean;
}

/** The request that asks whether the API server is there, once a second while Azure rotates. */
export const watch: RequestRow = {
    name: "whether the API server is there",
    match: { ...byRotator, kind: "apiServer", path: "^/readyz$" },
    skip: 0,
    ways: "all",
};

/** What Azure says went wrong: asked only after the third failure. */
export const report: RequestRow = {
    name: "what went wrong",
    match: { ...byRotator, kind: "operation" },
    skip: 0,
    ways: "all",
};

/** The requests by which those of a kind are counted that come as often as time has it. */
const countedFrom: Partial<Record<Step["kind"], readonly Step["kind"][]>> = {
    commandResult: ["runCommand"],
    apiServerConnection: ["listClusterUserCredential", "listClusterAdminCredential"],
};

/** All that is disturbed in a scene's sequence, or in a part of it. */
export function rowsOf(scene: SceneName, part?: Part): RequestRow[] {
    const steps = sequences[scene];
    const atPost = steps.findIndex(({ name }) => name === post.name);
    return steps.flatMap((step, at) => {
        const isIn = part === undefined || at < atPost === (part === "before the POST");
        return isIn && step.ways !== undefined ? [rowOf(steps, step, at)] : [];
    });
}

function rowOf(steps: readonly Step[], step: Step, at: number): RequestRow {
    const { name, ways, critical, reads, readsOfHang, verifies } = step;
    const told = { name, ways, critical, reads, readsOfHang, verifies };
    const isBase = ({ kind, many }: Step) =>
        countedFrom[step.kind]?.includes(kind) ?? (many === true && kind === step.kind);
    const from = steps.findLastIndex((other, i) => i < at && isBase(other));
    const base = steps[from];
    if (base === undefined) {
        return { ...told, ...placeOf(steps, step, at) };
    }
    return {
        ...told,
        match: matchOf(step),
        skip: total(steps.slice(from + 1, at).filter((other) => isOneMore(other, step))),
        since: { ...placeOf(steps, base, from), untilIdle: base.state === "RotatingClusterCertificates" },
        watched: steps.slice(0, at).some((other) => other.name === post.name),
    };
}

function placeOf(steps: readonly Step[], step: Step, at: number): Requests {
    const before = steps.slice(0, at).filter((other) => isOneMore(other, step));
    assert.ok(!before.some(({ many }) => many), `which request "${step.name}" is cannot be counted`);
    return { match: matchOf(step), skip: total(before) };
}

function total(steps: readonly Step[]): number {
    return steps.reduce((sum, { times = 1 }) => sum + times, 0);
}

function matchOf({ kind, path, state }: Step): FaultMatch {
    return {
        ...(kind === "apiServerConnection" ? {} : byRotator),
        kind,
        ...(path !== undefined && { path }),
        ...(state !== undefined && { provisioningState: state }),
    };
}

/** Whether a fault for one of them is for the other too: a question to the API server has a connection of its own. */
function isOneMore(other: Step, { kind, path, state }: Step): boolean {
    if (kind === "apiServerConnection") {
        return (other.kind === kind || other.kind === "apiServer") && other.state === state;
    }
    return other.kind === kind && other.path === path && other.state === state;
}
