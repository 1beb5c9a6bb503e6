import type { Promised } from "./promises";

/** What the simulated Azure can do beyond the plain course of things, each kind by itself. */
export const NEW_EVENTS = [
    /** For a while after a rotation the replicas of the API server answer with the old and the new CA. */
    "replicas",
    /** Operations that do not succeed have codes: preempted, lasting, for lack of capacity. */
    "operationErrors",
    /** AKS brings a Failed rotation to its end by itself. */
    "reconciles",
    /** Something else answers in Azure's place, with status 200. */
    "emptyAnswers",
    /** The `resourceUID` is shown at times only; state of 0.1.0 has the cluster's id for it. */
    "uids",
    /** The CA bundle grows and shrinks without a rotation; a rotation can keep the old CAs in it. */
    "bundles",
    /** The record is emptied in the state. */
    "lostRecords",
] as const;

/** The name of a kind of events. */
export type NewEvent = (typeof NEW_EVENTS)[number];

/** The kinds that generated histories have: all. MODEL_EVENTS names some, to look for what they alone show. */
export const EVENTS: readonly NewEvent[] = named(process.env.MODEL_EVENTS) ?? NEW_EVENTS;

/** Invariants that are not checked: none. MODEL_IGNORED names some, to look for one alone. */
export const IGNORED: readonly Promised[] = (process.env.MODEL_IGNORED?.split(",") as Promised[] | undefined) ?? [];

function named(list: string | undefined): NewEvent[] | undefined {
    return list
        ?.split(",")
        .filter((name) => name !== "")
        .map((name) => {
            const found = NEW_EVENTS.find((one) => one === name);
            if (found === undefined) {
                throw new Error(`MODEL_EVENTS has "${name}", which is none of ${NEW_EVENTS.join(", ")}.`);
            }
            return found;
        });
}
