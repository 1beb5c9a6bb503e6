import { decide } from "./decide";
import { afterLook, afterStart } from "./run";

/** What a run is led by; a test can tamper with it. */
export interface Rules {
    decide: typeof decide;
    afterLook: typeof afterLook;
    afterStart: typeof afterStart;
}

/** The project's own. */
export const rules: Rules = { decide, afterLook, afterStart };
