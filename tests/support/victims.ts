import { type Cast, send } from "./processes";

/** Whom a test kills, by SIGKILL. */
export interface Victim {
    /** Who else must not go on when only the end of an `up` is left. */
    stopped: "engine" | "plugin" | undefined;
    /** Whether the engine is killed too, so that the stack stays locked. */
    engine: boolean;
    /** Whether the program is in a process of its own. */
    apart: boolean;
    /** What the user reads at the end of the killed `up`. */
    reads: RegExp;
    /** Who ends by it at once; the first runs at every moment of an `up` at which it can be killed. */
    dies(cast: Cast, program: number): (number | undefined)[];
    /**
     * Tells whether there was anybody to kill.
     *
     * @param program the process of the program, which leads a group where it is apart
     */
    kill(cast: Cast, program: number): boolean;
}

const programGone = /the process of the program was killed/;

/** From the smallest loss to the largest. */
export const victims = {
    "the rotator": {
        stopped: undefined,
        engine: false,
        apart: false,
        reads: /signal: killed/,
        dies: ({ rotator }) => [rotator],
        kill: ({ rotator }) => send("SIGKILL", [rotator]),
    },
    "the command plugin": {
        stopped: "plugin",
        engine: false,
        apart: false,
        reads: /error reading from server: EOF|connection reset|transport is closing/,
        dies: ({ plugin }) => [plugin],
        kill: ({ plugin }) => send("SIGKILL", [plugin]),
    },
    "the engine": {
        stopped: "engine",
        engine: true,
        apart: false,
        reads: /code: -\d/,
        dies: ({ engine }) => [engine],
        kill: ({ engine }) => send("SIGKILL", [engine]),
    },
    "the process group": {
        stopped: "engine",
        engine: true,
        apart: true,
        reads: programGone,
        dies: ({ engine }, program) => [program, engine],
        kill: (_cast, program) => send("SIGKILL", [-program]),
    },
    "every process": {
        stopped: "engine",
        engine: true,
        apart: true,
        reads: programGone,
        dies: ({ all }, program) => [program, ...all],
        kill: ({ all }, program) => send("SIGKILL", [program, ...all]),
    },
} as const satisfies Record<string, Victim>;

/** The name of a victim. */
export type VictimName = keyof typeof victims;

/** All of them. */
export const victimNames = Object.keys(victims) as VictimName[];
