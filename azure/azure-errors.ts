import { type ArmErrorPart, armErrorParts, armErrorText } from "./arm-error";

/**
 * What an error means for a rotation:
 * - `lasting`: every further attempt fails in the same way until a person has fixed the cause;
 * - `capacity`: Azure lacks machines at the moment: a later attempt can succeed;
 * - `preempted`: another operation took the place of this one;
 * - `other`: not known.
 */
export type OperationErrorKind = "lasting" | "capacity" | "preempted" | "other";

/** An error of Azure, read and classified. */
export interface OperationError {
    kind: OperationErrorKind;
    /** Azure's innermost code that means something; undefined where it gives none. */
    code?: string;
    /** Azure's words for it, at most 300 characters on one line; never empty. */
    message: string;
    /** What to do about it: full sentences. */
    advice?: string;
    /** Code and message in a few words, for a sentence such as "Azure says: …". */
    text: string;
}

interface Rule {
    kind: OperationErrorKind;
    /** In lower case. */
    codes?: readonly string[];
    /** Searched in the message. */
    words?: RegExp;
    advice: string;
}

const QUOTA =
    "A rotation needs spare machines for new nodes. Request more quota for the VM size and region that Azure names, or free " +
    "some of it.";
const CLUSTER_PRINCIPAL =
    "The cluster's own service principal cannot sign in; this is not the sign-in of this program. Give the cluster a valid " +
    "secret: az aks update-credentials --resource-group … --name … --reset-service-principal --service-principal … " +
    "--client-secret ….";

/**
 * What is known of Azure's errors; the first rule that fits counts. Source: Microsoft's list of AKS error codes, and the
 * error codes of Azure Resource Manager and of virtual machines.
 */
const RULES: readonly Rule[] = [
    {
        kind: "lasting",
        codes: ["scopelocked"],
        words: /\b(following )?scope\(s\) are locked|is locked, please remove lock/i,
        advice:
            "Remove the management lock that Azure names (az lock list). A rotation writes to the cluster and to its node " +
            "resource group, so that locks there prevent it too.",
    },
    {
        kind: "lasting",
        codes: ["requestdisallowedbypolicy", "policyviolation", "disallowedbypolicy"],
        words: /disallowed by (azure )?policy/i,
        advice: "Change the Azure Policy assignment that Azure names, or add an exemption for the cluster and its node resource group.",
    },
    {
        kind: "lasting",
        codes: [
            "serviceprincipalvalidationclienterror",
            "serviceprincipalnotfound",
            "invalidserviceprincipalcredentials",
            "invalidclientsecret",
        ],
        words: /\bAADSTS(7000215|7000222|7000218|7000112|7000229|700016|700027|90002)\b|credentials in ServicePrincipalProfile were invalid/i,
        advice: CLUSTER_PRINCIPAL,
    },
    {
        kind: "lasting",
        codes: ["quotaexceeded", "insufficientvcpuquota", "errcode_insufficientvcpuquota", "publicipcountlimitreached"],
        words: /\bexceeding (approved .{0,80} quota|quota limits?)\b/i,
        advice: QUOTA,
    },
    {
        kind: "lasting",
        codes: ["subnetisfull", "insufficientsubnetsize"],
        advice: "The subnet of a node pool has no free addresses for the new nodes. Free some, or use a larger subnet.",
    },
    {
        kind: "lasting",
        codes: ["readonlydisabledsubscription", "disabledsubscription"],
        advice: "The subscription is disabled. Enable it again.",
    },
    {
        kind: "lasting",
        codes: ["missingsubscriptionregistration"],
        advice: "Register the resource provider that Azure names: az provider register --namespace ….",
    },
    {
        kind: "lasting",
        codes: ["linkedauthorizationfailed", "authorizationfailed"],
        advice: "Give the identity that Azure names the right that it lacks.",
    },
    {
        kind: "preempted",
        codes: ["aksoperationpreempted"],
        advice: "Another operation took the place of this one. Wait for its end.",
    },
    {
        kind: "capacity",
        codes: [
            "skunotavailable",
            "overconstrainedzonalallocationrequest",
            "overconstrainedallocationrequest",
            "zonalallocationfailed",
            "allocationfailed",
            "akscapacityheavyusage",
            "akscapacityerror",
        ],
        advice:
            "Azure has no machines of this size in the region or zone at the moment. Try again later, or change the size or " +
            "the zones of the node pool.",
    },
    {
        kind: "other",
        codes: ["poddrainfailure", "upgradefailed"],
        words: /violate the pod's disruption budget/i,
        advice: "A node could not be drained: look at the pod disruption budgets (kubectl get pdb --all-namespaces).",
    },
    {
        kind: "other",
        words: /admission webhook|denied the request/i,
        advice:
            "A policy of the cluster (Azure Policy, Gatekeeper, Kyverno) forbids the pod in which AKS runs commands: exempt the " +
            "namespace aks-command from it.",
    },
    {
        kind: "other",
        codes: ["kubernetesperformanceerror", "kubernetesoperationerror"],
        words: /in (the )?aks-command namespace did not start|RunCommand pod/i,
        advice:
            "AKS runs commands in a pod of the namespace aks-command. Give it a ready node without taints and with room for it " +
            "(200m CPU, 500 MiB memory); kubectl get events --namespace aks-command says what it waits for.",
    },
];

/** Codes that only say that something failed; the cause is elsewhere. */
const WRAPPERS = new Set([
    "conflict",
    "badrequest",
    "bad request",
    "deploymentfailed",
    "resourcedeploymentfailure",
    "internalservererror",
    "internaloperationerror",
    "operationfailed",
    "clienterror",
    "rotateclustercertificateserror",
]);

const ORDER: readonly OperationErrorKind[] = ["lasting", "preempted", "capacity"];

/**
 * Reads and classifies what Azure says of a failed operation or request.
 *
 * @param error the body of an answer, its `error` member, or a text; any value is taken
 */
export function classifyOperationError(error: unknown): OperationError {
    const parts = armErrorParts(error).map((part) => ({ part, rule: ruleFor(part) }));
    // Of several causes the one that no further attempt removes counts, of equal ones the innermost.
    const known = ORDER.map((kind) => parts.findLast(({ rule }) => rule?.kind === kind)).find(Boolean);
    const { part, rule } = known ??
        parts.findLast((one) => one.rule !== undefined) ??
        parts.findLast((one) => one.part.code !== undefined && !WRAPPERS.has(one.part.code.toLowerCase())) ??
        parts.findLast((one) => one.part.code !== undefined && one.part.message !== undefined) ??
        parts.at(-1) ?? { part: {}, rule: undefined };
    const { code } = part;
    const message =
        part.message ??
        parts.findLast((one) => one.part.message !== undefined)?.part.message ??
        "Azure gives no reason";
    return {
        kind: rule?.kind ?? "other",
        ...(code && { code }),
        message,
        ...(rule && { advice: rule.advice }),
        text: armErrorText({ code, message }),
    };
}

/**
 * The same of an operation, as its status endpoint answers: a body with `status` and, where it did not succeed, `error`.
 * A Canceled operation that was aborted by a person can have no error at all.
 *
 * @returns undefined where the operation has not ended, or has succeeded, or the answer is no operation
 */
export function classifyOperation(body: unknown): OperationError | undefined {
    const { status, error } = (body ?? {}) as { status?: unknown; error?: unknown };
    if (status !== "Failed" && status !== "Canceled") {
        return undefined;
    }
    return classifyOperationError(error ?? (body as { properties?: unknown }).properties);
}

function ruleFor({ code, message }: ArmErrorPart): Rule | undefined {
    return RULES.find(
        ({ codes, words }) => codes?.includes(code?.toLowerCase() ?? "") || words?.test(message ?? "") === true,
    );
}

/** Codes of a 409 that passes by itself. */
const BUSY = new Set([
    "operationnotallowed",
    "operationinprogress",
    "anotheroperationinprogress",
    "aksoperationpreempted",
    "etagmismatch",
    "retryableerror",
    "retryableerrorduetoanotheroperation",
    "conflict",
]);

/**
 * Whether a 409 says that another operation runs, so that the request can be sent again later. Any other 409 is a refusal:
 * `ScopeLocked` is a 409, and `OperationNotAllowed` is the code of an exceeded quota too.
 *
 * @param error the body of the answer
 */
export function isOperationInProgress(error: unknown): boolean {
    if (classifyOperationError(error).kind === "lasting") {
        return false;
    }
    return armErrorParts(error).some(
        ({ code, message }) =>
            (code === undefined || BUSY.has(code.toLowerCase())) &&
            /\bin[- ]progress\b|\banother (\w+ )?operation\b/i.test(message ?? ""),
    );
}
