import type { Check } from "../../formats/record";
import type { RequestKind } from "../../rehearsal/local-aks/request-kind";
import type { SceneOptions } from "../support/scene";

/** A request that the rotator makes in a smooth `up` that rotates. */
export interface Step {
    name: string;
    /** Which of its commands makes it. */
    command: "snapshot" | "rotate";
    /** An `apiServerConnection` is a handshake after which nothing is asked. */
    kind: RequestKind;
    /** Of what it asks the API server. */
    path?: string;
    /** The cluster's provisioning state when it comes, where it is about a cluster. */
    state?: "Succeeded" | "RotatingClusterCertificates";
    /** How often it comes is a matter of time: the later ones are the same wait. */
    many?: true;
    /** Made while others are: when it comes among them, and before which others of its kind, is chance. */
    beside?: true | undefined;
    /** How many are made at once. @default 1 */
    times?: number;
    /**
     * In how many ways it is disturbed: where one of its like is in all, in some, or in one. Undefined: in none here,
     * since it is as of any cluster.
     */
    ways?: "all" | "some" | "one";
    /** Whether a rotation too many or too few could come of it: then `npm test` has all its ways but the slow ones. */
    critical?: true;
    /** What the user reads of it, however it is disturbed. */
    reads?: RegExp;
    /** The same where no answer ever comes. */
    readsOfHang?: RegExp;
    /** What it verifies: verified in the end all the same. */
    verifies?: Check;
}

/** The scenes in which the rotator asks all that it can ask. */
export const scenes = {
    // A question of a verification that is never answered costs 20 s, a token 30 s, and is asked for again.
    "any cluster": { args: { settleTimeout: "1m" } },
    "the cluster admin's credentials": { args: { credentials: "admin" } },
    "Microsoft Entra ID": {
        kind: { aadProfile: { managed: true }, disableLocalAccounts: true },
        args: { preflight: "off", settleTimeout: "1m" },
    },
    runCommand: {
        kind: { apiServerAccessProfile: { enablePrivateCluster: true } },
        // A command that is never answered costs a minute.
        args: { verifyThrough: "runCommand", settleTimeout: "2m" },
    },
} as const satisfies Record<string, SceneOptions>;

/** A part of what is asked in a scene. */
export type Part = "before the POST" | "from the POST on";

/** The name of a scene. */
export type SceneName = keyof typeof scenes;

const succeeded = { state: "Succeeded" } as const;
const forIntent = { command: "snapshot", ...succeeded } as const;
const ofRotate = { command: "rotate", ...succeeded } as const;

const cluster = { kind: "getCluster" } as const;
const credentials = { kind: "listClusterUserCredential" } as const;
const admins = { kind: "listClusterAdminCredential" } as const;
const handshake = { kind: "apiServerConnection" } as const;
const runCommand = { kind: "runCommand" } as const;
const commandResult = { kind: "commandResult", many: true } as const;
const review = { kind: "apiServer", path: "/selfsubjectreviews$", ...ofRotate } as const;

const all = { ways: "all" } as const;
const some = { ways: "some" } as const;
const one = { ways: "one" } as const;
const critical = { ...all, critical: true } as const;
/** In a scene that has it as any cluster has it. */
const asEver = { ways: undefined, critical: undefined } as const;
const beside = { beside: true } as const;

const couldNotLook = (what: string) =>
    new RegExp(`The preflight could not look: ${what}: [^\\n]*no answer in time[^\\n]*`);

/** What each of its two processes begins with. */
const signInForIntent: readonly Step[] = [
    { name: "cloud metadata, for the intent", command: "snapshot", kind: "metadata", ...some },
    { name: "OpenID configuration, for the intent", command: "snapshot", kind: "discovery", ...some },
    { name: "token, for the intent", command: "snapshot", kind: "token", ...some },
];
const signIn: readonly Step[] = [
    { name: "cloud metadata", command: "rotate", kind: "metadata", ...all },
    { name: "OpenID configuration", command: "rotate", kind: "discovery", ...all },
    { name: "token", command: "rotate", kind: "token", ...all },
];

const lookForIntent: readonly Step[] = [
    { name: "cluster, for the intent", ...forIntent, ...cluster, ...critical },
    { name: "credentials, for the intent", ...forIntent, ...credentials, ...critical },
    { name: "handshake, for the intent", ...forIntent, ...handshake, ...all },
    { name: "seven further handshakes, for the intent", ...forIntent, ...handshake, ...all, ...beside, times: 7 },
];
const firstLook: readonly Step[] = [
    { name: "cluster, before the preflight", ...ofRotate, ...cluster, ...all },
    { name: "credentials, before the preflight", ...ofRotate, ...credentials, ...all },
    { name: "handshake, before the preflight", ...ofRotate, ...handshake, ...all },
];
const besidePreflight: readonly Step[] = [
    { name: "eight handshakes, beside the preflight", ...ofRotate, ...handshake, ...all, ...beside, times: 8 },
];
const rights: readonly Step[] = [
    {
        name: "rights, for the preflight",
        ...ofRotate,
        kind: "permissions",
        ...beside,
        ...all,
        readsOfHang: couldNotLook("rights"),
    },
    {
        name: "Kubernetes versions, for the preflight",
        command: "rotate",
        kind: "kubernetesVersions",
        ...beside,
        ...all,
        readsOfHang: couldNotLook("kubernetesVersion"),
    },
];
const preflight: readonly Step[] = [
    ...rights,
    {
        name: "disruption budgets, for the preflight",
        ...ofRotate,
        kind: "apiServer",
        path: "/poddisruptionbudgets$",
        ...beside,
        ...all,
        reads: /The preflight could not look: disruptionBudgets: [^\n]*/,
    },
    {
        name: "the record in the cluster, for the preflight",
        ...ofRotate,
        kind: "apiServer",
        path: "/configmaps/aks-certificate-rotation$",
        ...beside,
        ...all,
        // Half of "not found" says so too.
        readsOfHang: couldNotLook("otherStack"),
    },
    { name: "who the caller is, for the preflight", ...review, ...beside, ...all },
];
const lookBeforePost: readonly Step[] = [
    { name: "cluster, right before the POST", ...ofRotate, ...cluster, ...critical },
    { name: "credentials, right before the POST", ...ofRotate, ...credentials, ...critical },
    { name: "handshake, right before the POST", ...ofRotate, ...handshake, ...all },
];

/** The one that must never be sent twice. */
export const post: Step = { name: "POST", ...ofRotate, kind: "rotateClusterCertificates", ...critical };

const rotation: readonly Step[] = [
    post,
    {
        name: "cluster, while Azure rotates",
        command: "rotate",
        state: "RotatingClusterCertificates",
        ...cluster,
        many: true,
        ...critical,
    },
    { name: "cluster, after the rotation", ...ofRotate, ...cluster, ...some },
];
const lookAfterwards: readonly Step[] = [
    { name: "credentials, after the rotation", ...ofRotate, ...credentials, ...critical },
    { name: "handshake, after the rotation", ...ofRotate, ...handshake, ...all },
];

const trustsNew: Step = {
    name: "handshake that trusts the new CA",
    ...ofRotate,
    ...handshake,
    ...all,
    ...beside,
    verifies: "newCaAccepted",
};
const whoIs: Step = { name: "who the caller is", ...review, ...critical, verifies: "newCredentialsAccepted" };
const trustsOld: Step = {
    name: "eight handshakes that trust the old CA",
    ...ofRotate,
    ...handshake,
    ...all,
    ...beside,
    times: 8,
    verifies: "oldCaRefused",
};
const whoWas: Step = { name: "who the old caller is", ...review, ...critical, verifies: "oldClientCertificateRefused" };

/** Steps that another scene has too. */
function asOfAnyCluster(steps: readonly Step[]): Step[] {
    return steps.map((step) => ({ ...step, ...asEver }));
}

/** The same with the cluster admin's credentials in place of its user's. */
function asAdmin(steps: readonly Step[], ways: Pick<Step, "ways">): Step[] {
    return asOfAnyCluster(steps).map((step) =>
        step.kind === credentials.kind ? { ...step, ...admins, name: `admin's ${step.name}`, ...ways } : step,
    );
}

/** The same where the API server is asked by a command in the cluster. */
function byCommand(steps: readonly Step[], command: Step, result: Pick<Step, "ways" | "readsOfHang">): Step[] {
    const name = command.name.replace(/^(two )?commands?/, "result of it");
    return [
        ...asOfAnyCluster(steps.filter(({ kind }) => kind !== handshake.kind && kind !== "apiServer")),
        command,
        { name, command: command.command, ...succeeded, ...commandResult, ...result, beside: command.beside },
    ];
}

const notAskedByCommand = /The API server could not be asked by a command in the cluster: no answer in time/;

/** With `verifyThrough: "runCommand"`: whether a rotation could be verified hangs on it. */
export const firstCommand: Step = { name: "command, before the preflight", ...ofRotate, ...runCommand, ...all };

const commandForIntent: Step = {
    name: "command, for the intent",
    ...forIntent,
    ...runCommand,
    ...some,
    readsOfHang: notAskedByCommand,
};
/** One asks for the disruption budgets, one makes the eight handshakes. */
const twoCommands: Step = {
    name: "two commands, beside the preflight",
    ...ofRotate,
    ...runCommand,
    ...some,
    ...beside,
    times: 2,
    readsOfHang: new RegExp(`${couldNotLook("disruptionBudgets").source}|${notAskedByCommand.source}`),
};
const commandBeforePost: Step = {
    name: "command, right before the POST",
    ...ofRotate,
    ...runCommand,
    ...some,
    readsOfHang: notAskedByCommand,
};
const commandAfterwards: Step = {
    name: "command, after the rotation",
    ...ofRotate,
    ...runCommand,
    ...some,
    readsOfHang: notAskedByCommand,
};
const verifyingCommand: Step = {
    name: "command that verifies",
    ...ofRotate,
    ...runCommand,
    ...all,
    verifies: "oldCaRefused",
};

/** What the rotator asks in a smooth `up` of each scene, in its order; beside the watch over the API server. */
export const sequences: Record<SceneName, readonly Step[]> = {
    "any cluster": [
        ...signInForIntent,
        ...lookForIntent,
        ...signIn,
        ...firstLook,
        ...besidePreflight,
        ...preflight,
        ...lookBeforePost,
        ...rotation,
        ...lookAfterwards,
        trustsNew,
        whoIs,
        trustsOld,
        whoWas,
    ],
    "the cluster admin's credentials": [
        ...asOfAnyCluster(signInForIntent),
        ...asAdmin(lookForIntent, some),
        ...asOfAnyCluster(signIn),
        ...asAdmin(firstLook, all),
        ...asOfAnyCluster([...besidePreflight, ...preflight]),
        ...asAdmin(lookBeforePost, some),
        ...asOfAnyCluster(rotation),
        ...asAdmin(lookAfterwards, all),
        ...asOfAnyCluster([trustsNew, whoIs, trustsOld, whoWas]),
    ],
    "Microsoft Entra ID": [
        ...asOfAnyCluster([
            ...signInForIntent,
            ...lookForIntent,
            ...signIn,
            ...firstLook,
            ...besidePreflight,
            ...lookBeforePost,
            ...rotation,
            ...lookAfterwards,
            trustsNew,
        ]),
        { name: "OpenID configuration, to verify", command: "rotate", kind: "discovery", ...some },
        { name: "token for the API server, to verify", command: "rotate", kind: "token", ...all },
        ...asOfAnyCluster([whoIs, trustsOld]),
    ],
    runCommand: [
        ...asOfAnyCluster(signInForIntent),
        ...byCommand(lookForIntent, commandForIntent, one),
        ...asOfAnyCluster(signIn),
        ...byCommand(firstLook, firstCommand, all),
        ...byCommand(preflight, twoCommands, one),
        ...byCommand(lookBeforePost, commandBeforePost, one),
        ...asOfAnyCluster(rotation),
        ...byCommand(lookAfterwards, commandAfterwards, one),
        ...byCommand([], verifyingCommand, all),
    ],
};
