import type { Intent } from "../../../formats/intent";
import type { RotationRecord } from "../../../formats/record";
import { CLUSTER_ID } from "./azure-answers";
import type { StateEvent } from "./history";
import type { Moment } from "./promises";

/** The Pulumi state: all that is left when an engine has died. */
export interface SavedState {
    intent?: { inputs: string; document: Intent; made: Moment };
    /** The truth of the intent, whatever it says: when the highest generation was first asked of the present cluster. */
    asked?: { generation: number; made: Moment };
    /** The highest generation that was asked of the present cluster before that one. */
    askedBefore?: number | undefined;
    /** The record is undefined where the state has lost it, and the Command is there. */
    rotation?: { inputs: string; record: RotationRecord | undefined; made: Moment };
    /** The last record that was saved, whatever became of it; gone with the stack. */
    last?: { record: RotationRecord; made: Moment };
    /** The last one of a lower generation than that: what a record that is found anew for the same generation starts from. */
    lastLower?: { record: RotationRecord; made: Moment } | undefined;
}

/** What happens to the Pulumi state while no `up` runs. */
export function changeState(saved: SavedState, event: StateEvent["event"]): void {
    switch (event) {
        case "the record is lost from the state":
            saved.rotation = undefined;
            return;
        case "the record's output is emptied":
            if (saved.rotation !== undefined) {
                saved.rotation = { ...saved.rotation, record: undefined };
            }
            return;
        case "the state is that of 0.1.0": {
            const { rotation, intent } = saved;
            if (rotation?.record !== undefined && isNone(rotation.record.resourceUID)) {
                rotation.record = { ...rotation.record, resourceUID: CLUSTER_ID };
            }
            if (intent !== undefined && isNone(intent.document.resourceUID)) {
                intent.document = { ...intent.document, resourceUID: CLUSTER_ID };
            }
            return;
        }
        case "the stack is destroyed":
            saved.rotation = undefined;
            saved.last = undefined;
            saved.lastLower = undefined;
            saved.intent = undefined;
            saved.asked = undefined;
            saved.askedBefore = undefined;
    }
}

/** Whether a `resourceUID` in the state stands for none. */
function isNone(resourceUID: string | undefined): boolean {
    return !resourceUID?.startsWith("cluster ");
}
