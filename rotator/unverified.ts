import { wordsOf } from "../azure/explain";
import type { Check } from "../formats/record";
import type { Observation } from "./observation";
import { RotationError } from "./rotation-error";
import { type RunEnd, supportDetails } from "./run-errors";
import type { RotateSettings } from "./settings";
import { stoppedUnverified, verificationFailed } from "./stop-message";
import { CheckFailed, causeOf, type Verification, withoutApiServer } from "./verification";

/** What is verified: a rotation, or credentials that are adopted. */
export interface Verified {
    settings: RotateSettings;
    /** A rotation; else an adoption. */
    rotated: boolean;
    cluster: Extract<Observation, { found: true }>;
    /** URL of the API server. */
    server: string;
}

/**
 * The verification where the API server is not to be asked; undefined where it is.
 *
 * @throws RotationError when it must be asked, but the cluster is stopped
 */
export function verificationWithoutAsking({ settings, rotated, cluster }: Verified): Verification | undefined {
    if (cluster.stopped && rotated && settings.verify === "required") {
        throw new RotationError("unverified", stoppedUnverified(settings, cluster.provisioningState));
    }
    if (settings.verify === "off" || cluster.stopped) {
        return withoutApiServer(byAzure(rotated), cluster.stopped ? "the cluster is stopped" : "verify is off");
    }
    return undefined;
}

/**
 * The verification whose error is final.
 *
 * @throws RotationError when an answer was the wrong one, or none came where one is required
 */
export function verificationAfterError(
    thrown: unknown,
    { settings, rotated, cluster, server }: Verified,
    end: RunEnd,
): Verification {
    const { verify, verifyThrough } = settings;
    const error = causeOf(thrown);
    if (verify === "bestEffort" && !(error instanceof CheckFailed)) {
        return withoutApiServer(byAzure(rotated), `the API server could not be asked: ${wordsOf(error)}`, thrown);
    }
    const unverified = { rotated, state: cluster.provisioningState, server, verifyThrough };
    const message = verificationFailed(unverified, error);
    const isForSupport = error instanceof CheckFailed && error.isForSupport;
    throw new RotationError("unverified", isForSupport ? `${message}\n${supportDetails(end)}` : message);
}

/** What Azure itself has shown. */
function byAzure(rotated: boolean): Check[] {
    return rotated ? ["provisioningState", "caChanged"] : [];
}
