import assert from "node:assert/strict";
import type { Fault } from "../../rehearsal/local-aks/fault";
import { anyRuns, type Cast, send, until } from "../support/processes";
import type { Scene } from "../support/scene";

/** A point of an `up`, at which it is held so that something can be broken. */
export interface Point {
    name: string;
    /** What it is for who is not stopped at it, where that is another one. */
    held?: string;
    /** Whether a rotation of the cluster has begun when it is reached. */
    begun: boolean;
    /** Whether the raised generation's intent is in the state by then. */
    asked: boolean;
    /** Prepares a scene whose `up` begins next. */
    prepare(scene: Scene): Held;
}

/** An `up` that is going to be held. */
export interface Held {
    /** Settles when it is, with its processes. `stopped`: the one that must not go on where only the end is left; where
     * it is undefined, it is the rotator that must not. */
    reached(stopped: "engine" | "plugin" | undefined): Promise<Cast>;
    /** Lets the rest of the world go on. */
    release(): void;
}

/** Requests of the rotator, as it names itself. */
export const byRotator = { userAgent: "^aks-certificate-rotation/" };

function atRequest(scene: Scene, kind: Fault["match"]["kind"], skip: number, when: "before" | "after"): Held {
    const match = { ...byRotator, kind, ...(kind === "apiServer" ? { path: "selfsubjectreviews" } : {}) };
    const id = scene.control.addFault({ match, action: { type: "hold", when }, skip });
    return {
        async reached() {
            await scene.control.struck(id);
            return scene.cast;
        },
        release: () => scene.control.release(id),
    };
}

/**
 * The points of an `up` that rotates, in their order. The rotator reads the cluster once for the intent, then before it
 * rotates, and once more right before the POST; it asks the API server twice who the caller is.
 */
export const points: readonly Point[] = [
    {
        name: "before the intent is saved",
        begun: false,
        asked: false,
        prepare: (scene) => atRequest(scene, "getCluster", 0, "before"),
    },
    {
        name: "after the intent is saved",
        begun: false,
        asked: true,
        prepare: (scene) => atRequest(scene, "getCluster", 1, "before"),
    },
    {
        name: "before the POST",
        begun: false,
        asked: true,
        prepare: (scene) => atRequest(scene, "getCluster", 2, "before"),
    },
    {
        name: "while the POST is on its way",
        begun: false,
        asked: true,
        prepare: (scene) => atRequest(scene, "rotateClusterCertificates", 0, "before"),
    },
    {
        name: "between POST and answer",
        begun: true,
        asked: true,
        prepare: (scene) => atRequest(scene, "rotateClusterCertificates", 0, "after"),
    },
    {
        name: "while Azure rotates",
        begun: true,
        asked: true,
        prepare: (scene) => {
            scene.control.set(scene.ref, { rotationSeconds: 4 });
            return atRequest(scene, "getCluster", 4, "before");
        },
    },
    {
        name: "after Succeeded, before the check",
        begun: true,
        asked: true,
        prepare: (scene) => atRequest(scene, "apiServer", 0, "before"),
    },
    {
        name: "after the check, before the record is saved",
        held: "during the last question of the check",
        begun: true,
        asked: true,
        prepare: (scene) => {
            const lastQuestion = atRequest(scene, "apiServer", 1, "after");
            return {
                // Nothing can be held any more: who would save the record is stopped, and the rotator ends.
                async reached(stopped) {
                    const cast = await lastQuestion.reached(stopped);
                    if (stopped === undefined) {
                        return cast;
                    }
                    send("SIGSTOP", [cast[stopped]]);
                    lastQuestion.release();
                    await until("the end of the rotator", () => !anyRuns([cast.rotator]));
                    return cast;
                },
                release: lastQuestion.release,
            };
        },
    },
];

/** One of them. */
export function pointNamed(name: string): Point {
    return points.find((point) => point.name === name) ?? assert.fail(`there is no point "${name}"`);
}
