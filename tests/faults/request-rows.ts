import type { FaultMatch } from "../../rehearsal/local-aks/fault";
import { byRotator } from "./points";

/** Some of the requests of the rotator in an `up` that rotates. */
export interface Requests {
    match: FaultMatch;
    /** How many of its like come before the one that is meant. */
    skip: number;
}

/** A request of the rotator that is disturbed. */
export interface RequestRow extends Requests {
    name: string;
    /** The request from whose answer on its like are counted; else it is from the beginning. */
    since?: Requests;
    /** What the user reads of it, however it is disturbed. */
    reads?: RegExp;
    /** The same where no answer ever comes. */
    readsOfHang?: RegExp;
}

const cluster = { ...byRotator, kind: "getCluster" } as const;
const credentials = { ...byRotator, kind: "listClusterUserCredential" } as const;
const admin = { ...byRotator, kind: "listClusterAdminCredential" } as const;
const review = { ...byRotator, kind: "apiServer", path: "/selfsubjectreviews$" } as const;
const budgets = { ...byRotator, kind: "apiServer", path: "/poddisruptionbudgets$" } as const;
const token = { ...byRotator, kind: "token" } as const;
const runCommand = { ...byRotator, kind: "runCommand" } as const;
const commandResult = { ...byRotator, kind: "commandResult" } as const;
const connection = { kind: "apiServerConnection" } as const;

/** The request that asks whether the API server is there, once a second while Azure rotates. */
export const watch = { ...byRotator, kind: "apiServer", path: "^/readyz$" } as const;

/** The credentials of after the rotation: what comes then is of the last look, and of the verification. */
const rotated: Requests = { match: credentials, skip: 3 };

/** Every kind of request, at each step where it counts; snapshot asks the first of a kind, rotate the others. */
export const toAnyCluster: readonly RequestRow[] = [
    { name: "cloud metadata", match: { ...byRotator, kind: "metadata" }, skip: 1 },
    { name: "OpenID configuration", match: { ...byRotator, kind: "discovery" }, skip: 1 },
    { name: "token", match: token, skip: 1 },
    { name: "cluster, for the intent", match: cluster, skip: 0 },
    { name: "credentials, for the intent", match: credentials, skip: 0 },
    { name: "cluster, before the preflight", match: cluster, skip: 1 },
    { name: "credentials, before the preflight", match: credentials, skip: 1 },
    {
        name: "rights, for the preflight",
        match: { ...byRotator, kind: "permissions" },
        skip: 0,
        readsOfHang: /The preflight could not look: rights: .*no answer in time/,
    },
    {
        name: "Kubernetes versions, for the preflight",
        match: { ...byRotator, kind: "kubernetesVersions" },
        skip: 0,
        readsOfHang: /The preflight could not look: kubernetesVersion: .*no answer in time/,
    },
    {
        name: "disruption budgets, for the preflight",
        match: budgets,
        skip: 0,
        reads: /The preflight could not look: disruptionBudgets: [^\n]*/,
    },
    { name: "cluster, right before the POST", match: cluster, skip: 2 },
    { name: "credentials, right before the POST", match: credentials, skip: 2 },
    { name: "cluster, while Azure rotates", match: cluster, skip: 4 },
    { name: "whether the API server is there", match: watch, skip: 0 },
    { name: "credentials, after the rotation", match: credentials, skip: 3 },
    { name: "who the caller is", match: review, skip: 0 },
    { name: "who the old caller is", match: review, skip: 1 },
];

/** With `credentials: "admin"`. */
export const ofAdmin: readonly RequestRow[] = [
    { name: "admin's credentials, before the preflight", match: admin, skip: 1 },
    { name: "admin's credentials, after the rotation", match: admin, skip: 3 },
];

/** With Microsoft Entra ID, and no preflight: the rotator's first token is Azure's, the second one the API server's. */
export const withEntraId: readonly RequestRow[] = [
    { name: "token for the API server, to verify", match: token, skip: 2 },
];

/** The one that must never be sent twice. */
export const post: RequestRow = {
    name: "POST",
    match: { ...byRotator, kind: "rotateClusterCertificates" },
    skip: 0,
};

/** Connections to the API server that nothing else is said on than the handshake; between them are those of questions. */
export const handshakes: readonly RequestRow[] = [
    { name: "handshake, for the intent", match: connection, skip: 0 },
    { name: "handshake, before the preflight", match: connection, skip: 1 },
    { name: "handshake, right before the POST", match: connection, skip: 3 },
    { name: "handshake, after the rotation", match: connection, skip: 0, since: rotated },
    { name: "handshake that trusts the new CA", match: connection, skip: 1, since: rotated },
    { name: "handshake that trusts the old CA", match: connection, skip: 3, since: rotated },
];

/** What Azure says went wrong, after the third failure. */
export const report: RequestRow = { name: "what went wrong", match: { ...byRotator, kind: "operation" }, skip: 0 };

/** With `verifyThrough: "runCommand"`: whether a rotation could be verified hangs on it. */
export const firstCommand: RequestRow = { name: "command, before the preflight", match: runCommand, skip: 1 };

/** With `verifyThrough: "runCommand"`. */
export const byCommand: readonly RequestRow[] = [
    { name: "its result, before the preflight", match: commandResult, skip: 0, since: { match: runCommand, skip: 1 } },
    // The one before it is that of the last look.
    { name: "command that verifies", match: runCommand, skip: 1, since: rotated },
    { name: "its result, that verifies", match: commandResult, skip: 0, since: { match: runCommand, skip: 4 } },
];

/** All that is disturbed. */
export const requestRows: readonly RequestRow[] = [
    ...toAnyCluster,
    ...ofAdmin,
    ...withEntraId,
    post,
    ...handshakes,
    report,
    firstCommand,
    ...byCommand,
];
