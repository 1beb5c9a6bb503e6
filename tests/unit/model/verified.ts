import { type Check, checks, type RotationRecord } from "../../../formats/record";
import type { VerifyMode } from "../../../rotator/settings";
import { Broken } from "./promises";

/** What a run was shown before it made its record. */
export interface Shown {
    verify: VerifyMode;
    /** The provisioning state, and whether the cluster was stopped, by the last look. */
    state: string;
    stopped: boolean;
    /** The CA of the API server when it was verified; undefined where it was not, or gave no answer. */
    apiServer: string | undefined;
    /** The CAs of all credentials that the run has held. */
    held: ReadonlySet<string>;
}

/** Holds what a record says to be verified, and what not, against what its run was shown. */
export function checkVerified(
    { outcome, verified, notVerified, caBefore, caAfter }: RotationRecord,
    shown: Shown,
): void {
    const rotated = outcome !== "adopted";
    const [before, after] = [caBefore[0] ?? "", caAfter[0] ?? ""];
    const server = shown.apiServer;
    const holds: Record<Check, boolean> = {
        provisioningState: rotated && shown.state === "Succeeded",
        caChanged: rotated && before !== after,
        newCaAccepted: server === after,
        oldCaRefused: rotated && server !== undefined && server !== before,
        newCredentialsAccepted: server === after,
        // Of any CA before the present one: a rotation can have come between the intent and this run.
        oldClientCertificateRefused: rotated && server !== undefined && [...shown.held].some((ca) => ca !== server),
    };
    for (const check of verified) {
        if (!holds[check]) {
            throw new Broken("record", `The record says that ${check} is verified, but nothing showed it.`);
        }
    }
    const said = [...verified, ...notVerified.map(({ check }) => check)];
    if (new Set(said).size !== said.length || (rotated && said.length !== Object.keys(checks).length)) {
        throw new Broken("record", `The record tells of ${said.join(", ") || "no check"}, not of each check once.`);
    }
    if (
        shown.verify === "required" &&
        !shown.stopped &&
        !verified.includes(rotated ? "oldCaRefused" : "newCaAccepted")
    ) {
        throw new Broken("record", "The record is of a run that had to verify it, but nothing is verified.");
    }
}
