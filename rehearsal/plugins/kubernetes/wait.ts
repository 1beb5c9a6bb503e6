import { setTimeout as sleep } from "node:timers/promises";
import { isProperties, type Properties } from "../protocol/values";
import { identityOf, metadataOf, type Objects } from "./objects";
import { readiness } from "./readiness";

/** How long an object may take, in seconds, where nobody says otherwise: as long as the official plugin waits. */
const defaultTimeout = 600;

/** What an annotation of Pulumi's own says about how to treat an object. */
export function annotationOf(object: Properties, name: string): string | undefined {
    const { annotations } = metadataOf(object);
    const value = isProperties(annotations) ? annotations[`pulumi.com/${name}`] : undefined;
    return value === undefined ? undefined : String(value);
}

/** How long to wait for `object`, in milliseconds: the resource's own timeout, its annotation, or ten minutes. */
export function patienceFor(object: Properties, timeout: number): number {
    const annotated = Number(annotationOf(object, "timeoutSeconds"));
    return (timeout || annotated || defaultTimeout) * 1000;
}

/** The pauses between two looks, in milliseconds: short at first, since most things are quick. */
function* pauses(): Generator<number> {
    for (let pause = 25; ; pause = Math.min(pause * 2, 1000)) {
        yield pause;
    }
}

/** How a wait is bounded, and who hears of it. */
export interface Waiting {
    objects: Objects;
    /** Milliseconds. */
    patience: number;
    signal: AbortSignal;
    /** Gets a new text whenever what is waited for changes. */
    status(text: string): void;
}

/** The object is there, but what was waited for did not come. */
export class WaitError extends Error {
    constructor(
        message: string,
        readonly live: Properties,
        readonly detail: string,
    ) {
        super(message);
    }
}

async function pause(milliseconds: number, live: Properties, signal: AbortSignal): Promise<void> {
    try {
        await sleep(milliseconds, undefined, { signal });
    } catch {
        const { name } = identityOf(live);
        throw new WaitError(`Resource operation was cancelled for "${name}"`, live, "");
    }
}

/**
 * Waits until an object does its work.
 *
 * @returns The object as it is then.
 * @throws WaitError if it fails, takes too long, or the user cancels.
 */
export async function untilReady(first: Properties, waiting: Waiting): Promise<Properties> {
    const { objects, patience, signal, status } = waiting;
    const identity = identityOf(first);
    const end = Date.now() + patience;
    let live = first;
    let said = "";
    for (const milliseconds of pauses()) {
        const { state, detail } = readiness(live);
        if (state === "ready") {
            return live;
        }
        if (state === "failed") {
            throw new WaitError(`'${identity.name}' failed to become ready`, live, detail);
        }
        if (Date.now() >= end) {
            throw new WaitError(`'${identity.name}' timed out waiting to be Ready`, live, detail);
        }
        if (detail !== said) {
            status(detail);
            said = detail;
        }
        await pause(milliseconds, live, signal);
        const next = await objects.read(identity);
        if (!next) {
            throw new WaitError(`object '${identity.name}' was deleted`, live, detail);
        }
        live = next;
    }
    return live;
}

/**
 * Waits until the object `uid` is gone; another one of the same name is none of ours.
 *
 * @throws WaitError if it takes too long, or the user cancels.
 */
export async function untilGone(live: Properties, waiting: Waiting): Promise<void> {
    const { objects, patience, signal, status } = waiting;
    const identity = identityOf(live);
    const { uid } = metadataOf(live);
    const end = Date.now() + patience;
    let said = false;
    for (const milliseconds of pauses()) {
        const now = await objects.read(identity);
        if (!now || (uid !== undefined && metadataOf(now).uid !== uid)) {
            return;
        }
        if (Date.now() >= end) {
            const message = `Timed out waiting for deletion of ${identity.apiVersion}/${identity.kind} "${identity.name}"`;
            throw new WaitError(message, now, message);
        }
        if (!said && milliseconds > 500) {
            status(`Waiting for ${identity.kind} "${identity.name}" to be gone`);
            said = true;
        }
        await pause(milliseconds, now, signal);
    }
}
