import assert from "node:assert/strict";
import type { FaultAction, FaultMatch } from "../../rehearsal/local-aks/fault";
import { faults, type Trial } from "../support/trial";
import { byRotator } from "./points";

/** A request of the rotator in an `up` that rotates. */
interface Request {
    name: string;
    match: FaultMatch;
    /** How many of its like come before it. */
    skip: number;
}

const cluster = { ...byRotator, kind: "getCluster" } as const;
const credentials = { ...byRotator, kind: "listClusterUserCredential" } as const;
const review = { ...byRotator, kind: "apiServer", path: "selfsubjectreviews" } as const;

/** Every kind of request, each where it matters most; snapshot asks the first of a kind, rotate the others. */
const requests: Request[] = [
    { name: "cloud metadata", match: { ...byRotator, kind: "metadata" }, skip: 1 },
    { name: "OpenID configuration", match: { ...byRotator, kind: "discovery" }, skip: 1 },
    { name: "token", match: { ...byRotator, kind: "token" }, skip: 1 },
    { name: "cluster, for the intent", match: cluster, skip: 0 },
    { name: "credentials, for the intent", match: credentials, skip: 0 },
    { name: "cluster, before the rotation", match: cluster, skip: 1 },
    { name: "credentials, before the rotation", match: credentials, skip: 1 },
    { name: "cluster, while Azure rotates", match: cluster, skip: 4 },
    { name: "credentials, after the rotation", match: credentials, skip: 3 },
    { name: "who the caller is", match: review, skip: 0 },
    { name: "who the old caller is", match: review, skip: 1 },
];

/** Of the preflight: each is a look that stops nothing, so that one stands for all (tests/unit/preflight-looks.spec.ts). */
const rights: Request = { name: "rights, for the preflight", match: { ...byRotator, kind: "permissions" }, skip: 0 };

const post: Request = {
    name: "POST",
    match: { ...byRotator, kind: "rotateClusterCertificates" },
    skip: 0,
};

/** Before TLS; it is the API server's whose certificate is looked at before the rotation. */
const connection: Request = { name: "connection to the API server", match: { kind: "apiServerConnection" }, skip: 1 };

/** What Azure says went wrong, after the third failure. */
const report: Request = { name: "what went wrong", match: { ...byRotator, kind: "operation" }, skip: 0 };

const disturbances: { name: string; action: FaultAction }[] = [
    { name: "reset before it is handled", action: { type: "reset", when: "before" } },
    { name: "reset after it was handled", action: { type: "reset", when: "after" } },
    { name: "half an answer", action: { type: "half" } },
    { name: "half an answer that seems whole", action: { type: "half", cleanly: true } },
    { name: "never answered", action: { type: "hang", when: "after" } },
];

/** Nothing is asked yet that could be handled. */
const beforeTls = disturbances.filter(({ name }) => name === disturbances[0]?.name || name === "never answered");

/** An answer without a body is whole when its head is. */
const withoutBody = disturbances.filter(({ action }) => !(action.type === "half" && action.cleanly));

/** Declares those that end fast, or those for which somebody waits in vain for a while. */
export function requestFaults(slow: boolean): void {
    faults("A request of the rotator", { rotationSeconds: 2 }, (fault) => {
        for (const request of [...requests, post, connection]) {
            const disturbing = request === connection ? beforeTls : request === post ? withoutBody : disturbances;
            for (const { name, action } of disturbing) {
                const isSlow = action.type === "hang" || request === post;
                if (isSlow === slow) {
                    // Whether a rotation has come from a request that was never answered, only Azure knows.
                    const outcome = request === post && action.type === "hang" ? "found rotated" : "rotated";
                    fault(request.name, name, { slow, outcome }, (trial) => disturb(trial, request, action));
                }
            }
        }
        for (const { name, action } of beforeTls) {
            if ((action.type === "hang") === slow) {
                fault(rights.name, name, { slow }, (trial) => disturb(trial, rights, action));
            }
        }
        for (const { name, action } of disturbances) {
            if ((action.type === "hang") === slow) {
                fault(report.name, name, { rotations: 4, slow }, (trial) => disturbReport(trial, action));
            }
        }
    });
}

/** One `up` that meets it, and ends well all the same. */
async function disturb(trial: Trial, { match, skip }: Request, action: FaultAction): Promise<string> {
    const { control } = trial.scene;
    const id = control.addFault({ match, action, skip });
    await trial.succeeds();
    assert.equal(control.faults().find((fault) => fault.id === id)?.hits, 1, "the fault has struck");
    if (match === rights.match && action.type === "hang") {
        return trial.read(/The preflight could not look: rights: .*no answer in time/);
    }
    return match.kind === post.match.kind ? trial.read(/Azure did not answer the request to rotate/) : "";
}

/** Three rotations that fail, and no word of why. */
async function disturbReport(trial: Trial, action: FaultAction): Promise<string> {
    const { control, ref } = trial.scene;
    control.addFault({ match: report.match, action, count: 0 });
    control.set(ref, { rotationOutcomes: Array(3).fill({ status: "Failed" }) });
    const message = await trial.fails();
    await trial.succeeds();
    return /ended Failed 3 times\. Azure says: Failed\./.exec(message)?.[0] ?? assert.fail(message);
}
