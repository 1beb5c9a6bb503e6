import { isSameCluster } from "../formats/cluster-identity";
import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";
import { substituteRecord } from "../formats/substitute-record";
import { intentIn, printedBy, type RotationState, recordIn } from "./stack-state";

/** A record for a state that has lost its own, and where it is from. */
export interface Restored {
    record: RotationRecord;
    /** For the user, such as "the stack's own outputs". */
    from: string;
    /** The intent of that time; undefined where it is not known. */
    intent?: Intent | undefined;
}

/**
 * The `CertificateRotation` that is meant.
 *
 * @param clusterId ARM id of its cluster, in any case; undefined where the stack has one alone
 * @throws Error that names those that the stack has
 */
export function chooseRotation(rotations: RotationState[], clusterId: string | undefined): RotationState {
    const chosen =
        clusterId === undefined
            ? rotations
            : rotations.filter((one) => one.clusterId?.toLowerCase() === clusterId.toLowerCase());
    if (chosen.length === 1 && chosen[0] !== undefined) {
        return chosen[0];
    }
    const all = rotations.map((one) => `  ${one.name}: ${one.clusterId ?? "its cluster is encrypted"}`).join("\n");
    if (rotations.length === 0) {
        throw new Error(
            "The stack has no Command of a CertificateRotation in its state. Where it was deleted there is nothing to " +
                "restore: pulumi up creates it anew, and looks for what is left of the record.",
        );
    }
    throw new Error(
        clusterId === undefined
            ? `The stack has several clusters; give --cluster-id:\n${all}`
            : `The stack has ${chosen.length === 0 ? "no" : "more than one"} CertificateRotation of ${clusterId}. It has:\n${all}`,
    );
}

/**
 * The record that a state has of a rotation: that of the stack itself, or of an earlier export.
 *
 * @throws Error where it has none
 */
export function restoredFromState(state: RotationState, from: string): Restored {
    const record = recordIn(state);
    if (record === undefined) {
        throw new Error(
            `There is no rotation record of ${state.name} in ${from} that can be read. Take it from the cluster ` +
                "(--from-cluster), from an earlier state (--from-version or --from-file), or say which generation was rotated last " +
                "(--generation).",
        );
    }
    return { record, from, intent: intentIn(state) };
}

/**
 * A record made by hand: the cluster as the intent has found it, else with the CA that the stack has had last.
 *
 * @throws Error where the state has neither
 */
export function restoredByHand(state: RotationState, generation: number, now: Date): Restored {
    const { caFingerprints } = state.component?.outputs ?? {};
    const isKnown = Array.isArray(caFingerprints) && caFingerprints.every((one) => typeof one === "string");
    const { clusterId } = state;
    const found =
        intentIn(state) ??
        (isKnown && clusterId !== undefined
            ? { intent: 1 as const, generation, clusterId, askedAt: now.toISOString(), caFingerprints }
            : undefined);
    if (found === undefined) {
        throw new Error(
            `The state has neither an intent nor a CA of ${state.name} that can be read. Take the record from the cluster ` +
                "(--from-cluster), or from an earlier state (--from-version or --from-file).",
        );
    }
    return { record: substituteRecord(found, generation), from: "--generation" };
}

/** Whether the state has the Command of the intent, and nothing that it has printed. */
export function isIntentLost({ intent }: RotationState): boolean {
    return intent !== undefined && printedBy(intent) === undefined;
}

/**
 * Puts a record into the state, and an intent where that is lost too: the one that was restored, one that the state has in
 * another place, or the cluster as the record describes it.
 *
 * @throws Error when the record is of another cluster
 */
export function putRecord(state: RotationState, { record, from, intent }: Restored): { intentToo: boolean } {
    if (state.clusterId !== undefined && !isSameCluster(record, { clusterId: state.clusterId.toLowerCase() })) {
        throw new Error(`The record of ${from} is of another cluster, ${record.clusterId}; nothing was written.`);
    }
    const intentToo = isIntentLost(state);
    if (intentToo) {
        const known = intent ?? intentIn(state) ?? intentOf(record);
        print(state.intent as RotationState["rotation"], known);
    }
    print(state.rotation, record);
    return { intentToo };
}

function print(command: RotationState["rotation"], document: object): void {
    command.outputs = { ...command.outputs, stdout: JSON.stringify(document) };
}

/** The intent of a cluster as its record describes it. */
function intentOf({ generation, clusterId, resourceUID, finished, caAfter }: RotationRecord): Intent {
    return { intent: 1, generation, clusterId, resourceUID, askedAt: finished, caFingerprints: caAfter };
}
