import { sameFingerprints } from "../../../formats/certificate";
import { type Check, checks, type RotationRecord } from "../../../formats/record";
import type { VerifyMode } from "../../../rotator/settings";
import type { Allowance } from "./allowances";
import type { Violations } from "./violations";

/** What a run was shown before it made its record. */
export interface Shown {
    verify: VerifyMode;
    /** The provisioning state, and whether the cluster was stopped, by the last look. */
    state: string;
    stopped: boolean;
    /** The CA of the API server when it was verified; undefined where it was not, or gave no answer. */
    apiServer: string | undefined;
    /** The CAs that its replicas answered with when the verification ended. */
    answers: readonly string[];
    /** The CAs that the verification took for those of before. */
    oldCas: readonly string[];
    /** The CAs of all credentials that the run has held. */
    held: ReadonlySet<string>;
}

/** Holds what a record says to be verified, and what not, against what its run was shown. */
export function checkVerified(
    { outcome, verified, notVerified, caBefore, caAfter }: RotationRecord,
    shown: Shown,
    violations: Violations,
    allowed: (allowance: Allowance) => boolean,
): void {
    const rotated = outcome !== "adopted";
    const server = shown.apiServer;
    const accepted = server !== undefined && caAfter.includes(server);
    const holds: Record<Check, boolean> = {
        provisioningState: rotated && shown.state === "Succeeded",
        caChanged: rotated && !sameFingerprints(caBefore, caAfter),
        newCaAccepted: accepted,
        oldCaRefused: rotated && server !== undefined && shown.oldCas.length > 0,
        newCredentialsAccepted: accepted,
        // Of any CA before the present one: a rotation can have come between the intent and this run.
        oldClientCertificateRefused: rotated && server !== undefined && [...shown.held].some((ca) => ca !== server),
    };
    for (const check of verified) {
        if (!holds[check]) {
            violations.report("record", `The record says that ${check} is verified, but nothing showed it.`);
        }
    }
    if (verified.includes("oldCaRefused")) {
        if (shown.answers.some((ca) => caBefore.includes(ca))) {
            violations.report("refused", `A replica still answers with a CA of ${caBefore}.`);
        }
        if (!sameFingerprints(shown.oldCas, caBefore)) {
            violations.report("before", `The CA of before is ${caBefore}, but ${shown.oldCas} was checked.`);
        }
    }
    const said = [...verified, ...notVerified.map(({ check }) => check)];
    if (new Set(said).size !== said.length || (rotated && said.length !== Object.keys(checks).length)) {
        violations.report("record", `The record tells of ${said.join(", ") || "no check"}, not of each check once.`);
    }
    const isUnknown = shown.oldCas.length === 0 && allowed("oldCaUnknown");
    const must: Check = rotated && !isUnknown ? "oldCaRefused" : "newCaAccepted";
    if (shown.verify === "required" && !shown.stopped && !verified.includes(must)) {
        violations.report("record", "The record is of a run that had to verify it, but nothing is verified.");
    }
}
