import { isSameCluster } from "../formats/cluster-identity";
import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";

/** What is known of a cluster when its rotation Command is about to run. */
export interface AnnouncementInput {
    resourceGroupName: string;
    clusterName: string;
    /** ARM id of the cluster, lower case. */
    clusterId: string;
    /** The rotation generation that is asked for. */
    generation: number;
    /** The record in the state; undefined where the Command is created. */
    record?: RotationRecord;
    /** The intent that the Command gets; undefined where the same `up` makes it, and so in most previews. */
    intent?: Intent;
    /** `resourceUID` of the cluster; undefined where it is not known. */
    resourceUID?: string;
    /** When the run began, milliseconds since 1970: an intent from before is that of an `up` that did not finish. */
    beganAt: number;
}

/** A line for previews and for the beginning of an `up`. */
export interface Announcement {
    severity: "info" | "warn";
    text: string;
}

/** Describes what an `up` does to a cluster. */
export function announcementOf(input: AnnouncementInput): Announcement {
    const { generation, record, intent, beganAt } = input;
    const cluster = `${input.resourceGroupName}/${input.clusterName}`;
    if (record === undefined) {
        const earlier = earlierGeneration(input);
        return earlier === undefined
            ? info(
                  `Generation ${generation}: this up adopts ${cluster} as it is; nothing is rotated.` +
                      (intent === undefined ? ` ${notNew}` : ""),
              )
            : info(
                  `Generation ${earlier} → ${generation}, without a record (its Command is created anew): this up rotates ${cluster} ` +
                      `if that has not been done; ${longest}.`,
              );
    }
    if (generation < record.generation) {
        return { severity: "warn", text: loweredText(generation, record.generation) };
    }
    if (generation === record.generation) {
        return info(`Generation ${generation} is that of the record: this up rotates nothing of ${cluster}.`);
    }
    const raised = `Generation ${record.generation} → ${generation}`;
    const uid = intent?.resourceUID ?? input.resourceUID;
    if (!isSameCluster(record, { clusterId: input.clusterId, resourceUID: uid })) {
        return info(
            `${raised}, but the record is not of this cluster: this up adopts ${cluster} as it is. Nothing is rotated.`,
        );
    }
    const expected = expectation(record);
    if (intent !== undefined && intent.generation >= generation && Date.parse(intent.askedAt) < beganAt) {
        return info(
            `${raised}, asked for since ${intent.askedAt} and not finished: this up finishes the rotation of ${cluster}, and ` +
                `starts it only if that has not been done; ${expected}.`,
        );
    }
    return info(`${raised}: this up rotates ${cluster}; ${expected}.`);
}

/** The warning about a generation below that of the record. */
export function loweredText(generation: number, recorded: number): string {
    return (
        `rotationGeneration is ${generation}, but this cluster has had ${recorded} already: nothing is ` +
        `rotated. Raise it above ${recorded} to rotate again.`
    );
}

/** A generation below the one asked for that the intent knows of, as the rotator finds it for a Command that is created anew. */
function earlierGeneration({ generation, intent }: AnnouncementInput): number | undefined {
    const earlier =
        intent !== undefined && intent.generation < generation ? intent.generation : intent?.earlierGeneration;
    return earlier !== undefined && earlier < generation ? earlier : undefined;
}

/** What a preview cannot tell from a new component. */
const notNew =
    "If the component only has another name now, set formerName or an alias first. With --replace, a raised generation is rotated.";

/** The longest that AKS documents. */
const longest = "up to 30 minutes";

/** How long a rotation takes: at most what AKS documents, and what the last one took. */
function expectation({ durationSeconds }: RotationRecord): string {
    return durationSeconds === null ? longest : `${longest}; last time ${minutes(durationSeconds)}`;
}

function minutes(seconds: number): string {
    return seconds < 60 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function info(text: string): Announcement {
    return { severity: "info", text };
}
