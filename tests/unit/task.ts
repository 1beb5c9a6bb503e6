import type { Intent } from "../../formats/intent";
import type { RotationRecord } from "../../formats/record";
import { makeRecord } from "../../rotator/make-record";
import type { RotateSettings } from "../../rotator/settings";

const clusterId = "/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/c";
/** A run for generation 2, one above what is on record. */
export const settings: RotateSettings = {
    subscriptionId: "s",
    resourceGroupName: "g",
    clusterName: "c",
    clusterId,
    generation: 2,
    credentials: "user",
    verify: "required",
    timeoutSeconds: 100,
    settleTimeoutSeconds: 20,
    preflight: "required",
    intent: "",
};
/** The intent of that generation: the CA is A. */
export const intent: Intent = {
    intent: 1,
    generation: 2,
    clusterId,
    resourceUID: "uid",
    eTag: "1",
    askedAt: new Date(0).toISOString(),
    caFingerprints: ["A"],
    caCertificate: "A",
};
/** The record of generation 1, of the same CA. */
export const adopted: RotationRecord = makeRecord({
    settings: { ...settings, generation: 1 },
    caBefore: ["A"],
    resourceUID: "uid",
    rotated: false,
    started: undefined,
    finished: new Date(0),
    caFingerprints: ["A"],
    outage: null,
    verification: { verified: [], notVerified: [], apiServerCertificate: null },
});
