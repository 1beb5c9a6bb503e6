import assert from "node:assert/strict";
import type { Fault } from "../../rehearsal/local-aks/fault";
import { anyRuns, type Cast, send, until } from "../support/processes";
import { type HeldRecord, holdRecord } from "../support/record-hold";
import type { Scene } from "../support/scene";

/** A point of an `up`, at which it is held so that something can be broken. */
export interface Point {
    name: string;
    /** Whether a rotation of the cluster has begun when it is reached. */
    begun: boolean;
    /** Whether the raised generation's intent is in the state by then. */
    asked: boolean;
    /** The cluster's provisioning state then. Where it is one under way, it stays so until the point is released. */
    state: "Succeeded" | typeof rotating;
    /** What the user has read last by then, of the cluster and of what to do; undefined where there was nothing to say. */
    told: { cluster: RegExp; todo: RegExp } | undefined;
    /** Prepares a scene whose `up` begins next. */
    prepare(scene: Scene): Held;
}

/** An `up` that is going to be held. */
export interface Held {
    /** Settles when it is, with its processes. `stopped`: the one that must not go on where only the end is left; where
     * it is undefined, it is the rotator that must not. */
    reached(stopped: "engine" | "plugin" | undefined): Promise<Cast>;
    /** Lets the rest of the world go on at once, and settles when a rotation that was not to end before has ended. */
    release(): Promise<void>;
}

const rotating = "RotatingClusterCertificates";

/** What the rotator says before it changes anything, and as soon as it has, in this order. */
const nothingStarted = {
    cluster: /Generation \d+ is asked for, and this run has started nothing yet\./,
    todo: /If it is interrupted, run pulumi up again\./,
};
const asking = {
    cluster: /Asking Azure to rotate\. If this run is interrupted from here on/,
    todo: /the next pulumi up finds out what came of it/,
};
const accepted = {
    cluster: /Azure has accepted the rotation[^\n]*\. It goes on by itself/,
    todo: /the next pulumi up picks it up and does not rotate a second time/,
};
const sayings: Point["told"][] = [undefined, nothingStarted, asking, accepted];

/** What must not have been said yet at a point, since it is not true yet. */
export function notSaidYet({ told }: Point): RegExp[] {
    return sayings.slice(sayings.indexOf(told) + 1).flatMap((saying) => saying?.cluster ?? []);
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
        release: async () => scene.control.release(id),
    };
}

/** The same, in a rotation that does not end before the point is released. */
function whileRotating(scene: Scene, ...request: [Fault["match"]["kind"], number, "before" | "after"]): Held {
    scene.control.set(scene.ref, { rotationSeconds: 10_000 });
    const held = atRequest(scene, ...request);
    return {
        ...held,
        async release() {
            held.release();
            // A test may have ended it, or deleted the cluster.
            if (scene.control.clusters().some(({ provisioningState }) => provisioningState === rotating)) {
                await scene.control.endOperation(scene.ref, "Succeeded");
            }
        },
    };
}

/** When the record is made, and nobody has it: with the rotator, or where who would save it is stopped. */
function atRecord(scene: Scene): Held {
    const lastQuestion = atRequest(scene, "apiServer", 2, "after");
    let record: HeldRecord | undefined;
    return {
        async reached(stopped) {
            const cast = await lastQuestion.reached(stopped);
            record = await holdRecord(scene.project.directory);
            lastQuestion.release();
            await Promise.all([record.held, scene.said(/Rotated and verified\./)]);
            if (stopped !== undefined) {
                send("SIGSTOP", [cast[stopped]]);
                record.release();
                await until("the end of the rotator", () => !anyRuns([rotatorOf(cast)]));
            }
            return cast;
        },
        async release() {
            lastQuestion.release();
            record?.release();
        },
    };
}

/**
 * The points of an `up` that rotates, in their order. The rotator reads the cluster once for the intent, then before it
 * rotates, and once more right before the POST; it asks the API server who the caller is in the preflight, and twice when it
 * verifies. The last one needs an engine with `holdsRecords`.
 */
export const points: readonly Point[] = [
    {
        name: "before the intent is saved",
        begun: false,
        asked: false,
        state: "Succeeded",
        told: undefined,
        prepare: (scene) => atRequest(scene, "getCluster", 0, "before"),
    },
    {
        name: "after the intent is saved",
        begun: false,
        asked: true,
        state: "Succeeded",
        told: nothingStarted,
        prepare: (scene) => atRequest(scene, "getCluster", 1, "before"),
    },
    {
        name: "before the POST",
        begun: false,
        asked: true,
        state: "Succeeded",
        told: nothingStarted,
        prepare: (scene) => atRequest(scene, "getCluster", 2, "before"),
    },
    {
        name: "while the POST is on its way",
        begun: false,
        asked: true,
        state: "Succeeded",
        told: asking,
        prepare: (scene) => atRequest(scene, "rotateClusterCertificates", 0, "before"),
    },
    {
        name: "between POST and answer",
        begun: true,
        asked: true,
        state: rotating,
        told: asking,
        prepare: (scene) => whileRotating(scene, "rotateClusterCertificates", 0, "after"),
    },
    {
        name: "while Azure rotates",
        begun: true,
        asked: true,
        state: rotating,
        told: accepted,
        prepare: (scene) => whileRotating(scene, "getCluster", 4, "before"),
    },
    {
        name: "after Succeeded, before the check",
        begun: true,
        asked: true,
        state: "Succeeded",
        told: accepted,
        prepare: (scene) => atRequest(scene, "apiServer", 1, "before"),
    },
    {
        name: "after the check, before the record is saved",
        begun: true,
        asked: true,
        state: "Succeeded",
        told: accepted,
        prepare: atRecord,
    },
];

/** The process of the rotator, which runs at each of them. */
export function rotatorOf({ rotator }: Cast): number {
    return rotator ?? assert.fail("no rotator runs");
}

/** One of them. */
export function pointNamed(name: string): Point {
    return points.find((point) => point.name === name) ?? assert.fail(`there is no point "${name}"`);
}
