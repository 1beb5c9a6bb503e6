import type { Observation } from "../../../rotator/observation";
import type { Allowance } from "./allowances";
import type { Rotation } from "./simulated-operation";
import { VISIBILITY_MS } from "./tolerances";
import type { Violations } from "./violations";

/** A look at a cluster that is there. */
type Found = Extract<Observation, { found: true }>;

/** What is promised of every history. */
export const promises = {
    rotated: "an up of a raised generation that succeeds has a rotation that ended since it was asked for",
    once: "for one raised generation we start one rotation, and one more for each that Azure did not bring to a new CA",
    needed: "we start no rotation when one has happened since it was asked for",
    raised: "we start a rotation only for a generation above the record's, on the cluster of the record",
    idle: "we ask for a rotation only when the last look showed nothing under way, and have a yes to it three times in one run at most",
    early: "after a start request a run sends no other before the rotation was seen, or can no longer begin or be shown",
    veto: "after a person has canceled its rotation a run starts no other",
    lasting: "after a rotation that failed for a lasting cause a run starts no other",
    capacity: "a rotation that failed for lack of capacity is tried again after 5 minutes, and then after 15",
    reconciled: "we start no rotation while AKS may still bring one of ours that Failed to its end",
    alone: "a run asks for no rotation once its engine is dead, but for a request that was on its way",
    answers: "what answers in Azure's place is not taken for Azure",
    record: "the record is true",
    before: "the CA of before is that of the intent or of the last record, whichever is younger",
    refused: "no replica of the API server answers with a CA that is recorded as refused",
    lost: "a raise is not adopted away where the record was lost",
    ends: "a run ends in time, and an up in a quiet world succeeds",
} as const;

/** The name of a promise. */
export type Promised = keyof typeof promises;

/** When something was written down, and what was true then. */
export interface Moment {
    /** When the look began that it comes from. What ends between that and `at` counts for it or not: both are true. */
    from: number;
    /** When the credentials were read. */
    at: number;
    /** The cluster, whatever its `resourceUID` is shown to be. */
    uid: string;
    /** Whether its `resourceUID` was shown. */
    uidShown: boolean;
    /** The CAs in the credentials. */
    bundle: readonly string[];
    /** Whether the credentials were of another CA. */
    lagged: boolean;
    /**
     * Whether the API server could not tell: it did not answer, was stopped, a rotation was under way, no replica had the
     * new CA yet, or verify was off.
     */
    blind: boolean;
}

/** Why we asked for a rotation: what the truth is held against. */
export interface Reason {
    generation: number;
    /** The last record's, if there ever was one. */
    recordGeneration: number | undefined;
    /** The highest generation that was asked of this cluster before this one, if any was. */
    askedBefore: number | undefined;
    intent: Moment;
    /** The last record, be it lost or not. */
    record: Moment | undefined;
    /** The last look: when, what it showed, whether the credentials lagged, whether the settle timeout was over. */
    look: { at: number; cluster: Found; lagged: boolean; settled: boolean; uidShown: boolean };
    /** The run of the rotator. */
    run: number;
    /** When its engine died, if it did. */
    aloneSince: number | undefined;
}

export type Start = Rotation<Reason>;

/** Whether Azure showed a rotation later than the rotator waits for that. */
export function isShownLate({ acceptedAt, shownAt }: Start): boolean {
    return shownAt - acceptedAt > VISIBILITY_MS;
}

/** How long a request to rotate is on its way from the last look for the engine, in milliseconds. */
export const onItsWayMs = 5;

/** Keeps the promises about starts; told of every rotation of ours that Azure has accepted. */
export class StartKeeper {
    private lastAllowedAt = 0;

    constructor(
        private readonly all: readonly Start[],
        private readonly allowed: (allowance: Allowance) => boolean,
        private readonly violations: Violations,
    ) {}

    check(start: Start): void {
        const { context: reason } = start;
        if (reason === undefined) {
            throw new Error("A rotation of ours has a reason.");
        }
        const { violations } = this;
        // Where nothing was ever recorded, the generation that was asked for before stands for a record's.
        const mark = reason.recordGeneration ?? reason.askedBefore;
        const isSameCluster = (reason.record ?? reason.intent).uid === start.uid;
        const isUnknown = !isSameCluster && !isUidKnown(reason) && this.allowed("unknownUid");
        if (mark === undefined || reason.generation <= mark || (!isSameCluster && !isUnknown)) {
            violations.report(
                "raised",
                `Rotation ${start.number} is for generation ${reason.generation}, the record has ${mark ?? "none"}.`,
            );
        }
        const aloneMs = start.acceptedAt - (reason.aloneSince ?? start.acceptedAt);
        if (aloneMs > onItsWayMs && !start.wasLate) {
            violations.report("alone", `Rotation ${start.number} was asked for by a run whose engine was dead.`);
        }
        const ofRun = this.all.filter(({ context }) => context?.run === reason.run);
        const isFourth = ofRun.filter(({ answered }) => answered).length > 3;
        if (isFourth && !(ofRun.some(isShownLate) && this.allowed("shownLate"))) {
            violations.report("idle", "Asked for a fourth rotation in one run.");
        }
        const broken = this.needlessness(start, reason);
        if (broken === undefined) {
            return;
        }
        if (this.isAllowed(start)) {
            this.lastAllowedAt = start.acceptedAt;
        } else {
            violations.report(...broken);
        }
    }

    /** How a start is one too many. One that was let pass counts for nothing any more. */
    private needlessness(start: Start, reason: Reason): [Promised, string] | undefined {
        const since = Math.max(reason.intent.at, reason.record?.at ?? 0, this.lastAllowedAt);
        const happened = this.all.find(
            ({ uid, changedAt, outcome, endedAt }) =>
                uid === start.uid &&
                outcome === "Succeeded" &&
                changedAt !== undefined &&
                changedAt > since &&
                endedAt !== undefined &&
                endedAt <= reason.look.at,
        );
        const ours = this.all.filter(
            (other) =>
                other !== start &&
                other.uid === start.uid &&
                other.acceptedAt > this.lastAllowedAt &&
                other.context?.intent === reason.intent &&
                other.context.record === reason.record,
        );
        const good = ours.find(({ outcome, changedAt }) => outcome === "Succeeded" && changedAt !== undefined);
        if (good !== undefined || ours.some(({ outcome }) => outcome === undefined)) {
            return [
                "once",
                `Rotation ${start.number} was started for generation ${reason.generation}, ` +
                    `which had rotation ${(good ?? ours.at(-1))?.number} of ours already.`,
            ];
        }
        if (happened !== undefined) {
            return [
                "needed",
                `Rotation ${start.number} was started for generation ${reason.generation}, ` +
                    `but rotation ${happened.number} (${happened.by}) had happened since it was asked for.`,
            ];
        }
        return undefined;
    }

    private isAllowed({ uid, context }: Start): boolean {
        if (context === undefined) {
            return false;
        }
        const { cluster, lagged, settled } = context.look;
        const asked = cluster.apiServer === "sameCa" || cluster.apiServer === "anotherCa";
        return (
            (lagged && !asked && settled && this.allowed("nobodyKnows")) ||
            (context.intent.uid !== uid && !isUidKnown(context) && this.allowed("unknownUid"))
        );
    }
}

/** Whether a cluster that was created anew under its name can be known for another one. */
export function isUidKnown({
    intent,
    record,
    look,
}: Pick<Reason, "intent" | "record"> & { look: { uidShown: boolean } }): boolean {
    return look.uidShown && intent.uidShown && record?.uidShown !== false;
}
