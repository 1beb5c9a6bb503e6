import { type Answer, notAnAnswer } from "../../../azure/answer-shape";
import { type Intent, keepIntent } from "../../../formats/intent";
import type { RotationRecord } from "../../../formats/record";
import { type ProbeSchedule, type ServerCa, THOROUGH_PROBE } from "../../../rotator/probe-server-ca";
import { ROTATION_LOGIC, type RotationLogic } from "../../../rotator/task";

/** What the CA that signed the API server's certificate is compared with, by the names of the CAs. */
export interface KnownCas {
    credentials: readonly string[];
    /** Those of before the rotation whose certificates are at hand; undefined: nothing is compared with them. */
    earlier: readonly string[] | undefined;
    /** Every one of before has its certificate. */
    isComplete: boolean;
}

/** What is under test: everything that the rotator and the intent decide. */
export interface Brain extends RotationLogic {
    keepIntent: (previous: Intent | undefined, now: Intent) => Intent;
    /** Why an answer with status 200 is none of Azure's own; undefined where it is. */
    notAnAnswer: (answer: Answer) => string | undefined;
    /** What rotator/real-sight.ts makes of one handshake. */
    compareServerCa: (server: string, known: KnownCas) => ServerCa;
    /** The connections of a probe that was asked for by a schedule. */
    probe: (schedule: ProbeSchedule) => ProbeSchedule;
    /** The connections that the old CA is tried on. */
    oldCaProbe: ProbeSchedule;
    /** What a run says in the end of what it has found out. */
    conclude: (record: RotationRecord, intent: Intent) => RotationRecord;
    /** For how long a run goes on without its engine, which rotator/parent.ts takes `noticesMs` to notice. */
    outlivesMs: (noticesMs: number) => number;
    /** Whether it asks for a rotation, by what rotator/main.ts makes of its engine right before that. */
    asks: (engineIsAlive: boolean) => boolean;
}

/** The project's own. */
export const realBrain: Brain = {
    ...ROTATION_LOGIC,
    keepIntent,
    notAnAnswer,
    compareServerCa: (server, { credentials, earlier, isComplete }) => {
        const isEarlier = earlier?.includes(server);
        // Where a certificate of before is not at hand, it can be the one that has signed.
        const intent = isEarlier === true ? "match" : isEarlier === false && isComplete ? "mismatch" : undefined;
        return { credentials: credentials.includes(server) ? "match" : "mismatch", intent };
    },
    probe: (schedule) => schedule,
    oldCaProbe: THOROUGH_PROBE,
    conclude: (record) => record,
    outlivesMs: (noticesMs) => noticesMs,
    asks: (engineIsAlive) => engineIsAlive,
};
