import { type Intent, keepIntent } from "../../../formats/intent";
import { decide } from "../../../rotator/decide";
import { afterLook, afterStart } from "../../../rotator/run";
import type { Found } from "./rotator-run";

/** What is under test: everything that the rotator and the intent decide. */
export interface Brain {
    decide: typeof decide;
    afterLook: typeof afterLook;
    afterStart: typeof afterStart;
    keepIntent: (previous: Intent | undefined, now: Intent) => Intent;
    /** What rotator/observe.ts makes of the CA that the API server shows, if it can be reached. */
    apiServerShows: (server: number | undefined, credentials: number) => NonNullable<Found["apiServer"]>;
}

/** The project's own. */
export const realBrain: Brain = {
    decide,
    afterLook,
    afterStart,
    keepIntent,
    apiServerShows: (server, credentials) =>
        server === undefined ? "unreachable" : credentials === server ? "sameCa" : "anotherCa",
};
