import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";
import { applyObservation, applyStartResponse } from "./attempt-state";
import { decide } from "./decide";
import type { RotateSettings } from "./settings";

/** What one run of the rotator is for. */
export interface Task {
    /** The operation of the Command: `adopt` where it is created, `rotate` where it is updated and has a record. */
    command: "adopt" | "rotate";
    settings: RotateSettings;
    intent: Intent;
    /** The record of the last rotation, if there is one. */
    record: RotationRecord | undefined;
    /** The cluster was asked for a record of its own. */
    clusterRecordRead?: boolean;
    /** When the timeout began to count, on the clock of the ports. */
    beganAt: number;
}

/** The pure functions that lead a run. A test replaces one of them to see that the fault is found. */
export interface RotationLogic {
    decide: typeof decide;
    applyObservation: typeof applyObservation;
    applyStartResponse: typeof applyStartResponse;
}

/** The rotator's own logic. */
export const ROTATION_LOGIC: RotationLogic = { decide, applyObservation, applyStartResponse };
