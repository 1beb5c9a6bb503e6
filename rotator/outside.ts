import type { OperationError } from "../azure/azure-errors";
import type { ManagedCluster, Start } from "../azure/cluster";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { ClusterRecord } from "./cluster-record";
import type { EarlierCa } from "./earlier-ca";
import type { Observation } from "./observation";
import type { Outage } from "./outage";
import type { Finding } from "./preflight/finding";
import type { Looked } from "./preflight/preflight";
import type { ProbeSchedule, ServerCa } from "./probe-server-ca";
import type { Verification } from "./verification";

/**
 * Something that takes time. It comes to its result, or throws; on the way it hands out what it waits for, so that
 * whoever drives it decides what waiting is: promises for the rotator (drive.ts), a virtual clock for the tests.
 */
export type Doing<Wait, Result> = Generator<Wait, Result, unknown>;

/** What the API server's certificate shows, beside credentials. */
export type ApiServerShows = NonNullable<Extract<Observation, { found: true }>["apiServer"]>;

/**
 * What can be seen of one cluster, and the clock to see it by. No request takes longer than `withinMs`, whatever
 * becomes of it: then it throws an error that `isAbort` knows.
 */
export interface Sight<Wait> {
    /** Milliseconds of a clock that only goes forward. */
    now(): number;
    /** The time of day. */
    date(): Date;
    /** Tells the user a line. */
    tell(line: string): void;
    sleep(ms: number): Doing<Wait, void>;
    /** What Resource Manager says of the cluster; undefined when there is none. */
    look(withinMs: number): Doing<Wait, ManagedCluster | undefined>;
    /** The credentials that Azure hands out now. */
    credentials(withinMs: number): Doing<Wait, Kubeconfig>;
    /**
     * Compares the CA that signed the API server's certificate with the credentials' and with those of before, on new
     * connections; the first one that shows neither ends it.
     *
     * @param earlier undefined: compares with the credentials alone
     */
    serverCa(
        credentials: Kubeconfig,
        earlier: EarlierCa | undefined,
        schedule: ProbeSchedule,
        withinMs: number,
    ): Doing<Wait, ServerCa | "unreachable">;
}

/** What a verification is of. */
export interface Question {
    /** Whether it is of a rotation; else only of credentials that should work. */
    rotated: boolean;
    /** The credentials of now. */
    now: Kubeconfig;
    /** The CA when the rotation was asked for, and the credentials of that time where this process has them. */
    before: { caCertificate: string | undefined; credentials: Kubeconfig | undefined };
}

/** All that one run of the rotator needs from outside. */
export interface Outside<Wait> extends Sight<Wait> {
    /** Does two things side by side, where that is possible. */
    both<One, Other>(one: Doing<Wait, One>, other: Doing<Wait, Other>): Doing<Wait, [One, Other]>;
    /** Looks whether anything stands against a rotation of the cluster that a look has found. Throws nothing. */
    preflight(looked: Looked, withinMs: number): Doing<Wait, Finding[]>;
    /** The rotation record that the cluster has of itself; throws NoClusterRecord, another Error where it cannot be read. */
    clusterRecord(credentials: Kubeconfig, withinMs: number): Doing<Wait, ClusterRecord>;
    /** Asks Azure, once, to rotate; not when nobody would keep the result any more. */
    startRotation(withinMs: number): Doing<Wait, Start>;
    /** What Azure says went wrong with an operation; undefined where it does not say. */
    operationError(operation: string, withinMs: number): Doing<Wait, OperationError | undefined>;
    /** Asks the API server; throws CheckFailed when an answer is the wrong one, another Error when there is none. */
    verify(question: Question, withinMs: number): Doing<Wait, Verification>;
    /** Begins to ask the API server once a second whether it is there; a second call changes nothing. */
    watchOutage(credentials: Kubeconfig): void;
    /** Whether it was there when last asked so; undefined where it was not asked. */
    readonly serverAnswers: boolean | undefined;
    /** Ends these questions and tells the outage; null where nothing was asked. */
    endOutage(): Doing<Wait, Outage | null>;
}
