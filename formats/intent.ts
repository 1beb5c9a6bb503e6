import * as z from "zod/mini";
import { isSameCluster } from "./cluster-identity";
import { Fingerprints, Instant, MAX_DOCUMENT_BYTES, parseDocument, sizeOf } from "./document";

const Schema = z.object({
    /** The format's version. */
    intent: z.literal(1),
    /** The highest rotation generation that was asked for so far. */
    generation: z.number(),
    /** ARM id of the cluster, lower case. */
    clusterId: z.string(),
    /** `properties.resourceUID` of the cluster, where Azure gives one: another one is another cluster under the same name. */
    resourceUID: z.optional(z.string()),
    /** The cluster's eTag at that time: the same one later shows that nothing has been done to it since. */
    eTag: z.optional(z.string()),
    /** When the generation was first asked for. */
    askedAt: Instant,
    /** Fingerprints of the cluster CA at that time. */
    caFingerprints: Fingerprints,
    /**
     * The cluster CA at that time, PEM, so that its refusal can be checked later, even by another process. Left out where
     * the intent would be too long: the fingerprints alone decide then whether the CA has changed.
     */
    caCertificate: z.optional(z.string()),
    /**
     * The generation of the intent that this one replaced because a higher one was asked for; left out for a cluster's first
     * intent, and by version 0.1.0. Where the record is lost it says that the raise is still open.
     */
    earlierGeneration: z.optional(z.number()),
});

/**
 * What was true when a rotation generation was first asked for. It is in the Pulumi state before anything is done,
 * as a write-ahead log: a later run compares it with the cluster to tell whether the rotation has happened since.
 */
export type Intent = z.output<typeof Schema>;

/**
 * How long taking an intent may take at most, in seconds. Not the timeout of the rotation, unless that is shorter: to hand
 * every timeout to its Command would change the inputs of every stack that is there; and to try again costs nothing, since
 * nothing has begun.
 */
export const snapshotSeconds = 120;

/**
 * Reads an intent.
 *
 * @throws Error when the text is not an intent of this version
 */
export function parseIntent(text: string): Intent {
    return parseDocument(Schema, text, "intent");
}

/**
 * The intent to keep: the one already there, as long as it is for this cluster and no higher generation is asked for;
 * else what is true now. So neither a changed credential nor a lowered generation makes anybody forget what was true
 * when the rotation was asked for.
 */
export function keepIntent(previous: Intent | undefined, now: Intent): Intent {
    if (previous === undefined || !isSameCluster(previous, now)) {
        return now;
    }
    return previous.generation >= now.generation ? previous : { ...now, earlierGeneration: previous.generation };
}

/**
 * The intent to print: without the PEM text of a CA bundle that makes it too long to be passed on.
 *
 * @throws Error when the fingerprints alone are too long
 */
export function fitIntent(intent: Intent): Intent {
    if (sizeOf(intent) <= MAX_DOCUMENT_BYTES) {
        return intent;
    }
    const { caCertificate: _, ...short } = intent;
    if (sizeOf(short) > MAX_DOCUMENT_BYTES / 2) {
        // The record of a rotation has the fingerprints of two bundles.
        throw new Error(
            `The kubeconfig of the cluster has ${intent.caFingerprints.length} CA certificates: their fingerprints are too ` +
                "long for the Pulumi state. Nothing was rotated. An AKS cluster has one or two: look at what the cluster's " +
                "certificate-authority-data holds.",
        );
    }
    return short;
}
