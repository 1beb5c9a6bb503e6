import { type Intent, keepIntent } from "../../../formats/intent";
import type { RotationRecord } from "../../../formats/record";
import type { ApiServerShows } from "../../../rotator/outside";
import { ROTATION_LOGIC, type RotationLogic } from "../../../rotator/task";

/** What is under test: everything that the rotator and the intent decide. */
export interface Brain extends RotationLogic {
    keepIntent: (previous: Intent | undefined, now: Intent) => Intent;
    /** What rotator/real-sight.ts makes of the CA that the API server shows, if it can be reached. */
    apiServerShows: (server: string | undefined, credentials: string) => ApiServerShows;
    /** What a run says in the end of what it has found out. */
    conclude: (record: RotationRecord) => RotationRecord;
    /** For how long a run goes on without its engine, which rotator/parent.ts takes `noticesMs` to notice. */
    outlivesMs: (noticesMs: number) => number;
    /** Whether it asks for a rotation, by what rotator/main.ts makes of its engine right before that. */
    asks: (engineIsAlive: boolean) => boolean;
}

/** The project's own. */
export const realBrain: Brain = {
    ...ROTATION_LOGIC,
    keepIntent,
    apiServerShows: (server, credentials) =>
        server === undefined ? "unreachable" : credentials === server ? "sameCa" : "anotherCa",
    conclude: (record) => record,
    outlivesMs: (noticesMs) => noticesMs,
    asks: (engineIsAlive) => engineIsAlive,
};
