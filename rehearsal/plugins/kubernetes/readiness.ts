import { isProperties, type Properties } from "../protocol/values";

/** How far an object is. */
export interface Readiness {
    state: "ready" | "waiting" | "failed";
    /** For a person to read: what is waited for, or what failed. */
    detail: string;
}

const ready: Readiness = { state: "ready", detail: "" };

function part(object: Properties, name: string): Properties {
    const value = object[name];
    return isProperties(value) ? value : {};
}

function count(object: Properties, name: string): number {
    return Number(object[name] ?? 0);
}

function condition(object: Properties, type: string): Properties | undefined {
    const { conditions } = part(object, "status");
    return (Array.isArray(conditions) ? conditions : []).filter(isProperties).find((one) => one.type === type);
}

function observed(object: Properties): boolean {
    return count(part(object, "status"), "observedGeneration") >= count(part(object, "metadata"), "generation");
}

function replicas(object: Properties, what: string): Readiness {
    const status = part(object, "status");
    const wanted = Number(part(object, "spec").replicas ?? 1);
    const there = Math.min(count(status, "updatedReplicas"), count(status, "readyReplicas"));
    if (observed(object) && there >= wanted) {
        return ready;
    }
    const progressing = condition(object, "Progressing");
    if (progressing?.status === "False") {
        return { state: "failed", detail: `[${progressing.reason}] ${progressing.message}` };
    }
    return { state: "waiting", detail: `Waiting for ${what} to be available (${there}/${wanted} Pods available)` };
}

function daemonSet(object: Properties): Readiness {
    const status = part(object, "status");
    const wanted = count(status, "desiredNumberScheduled");
    const there = Math.min(count(status, "updatedNumberScheduled"), count(status, "numberReady"));
    return observed(object) && there >= wanted
        ? ready
        : { state: "waiting", detail: `Waiting for DaemonSet to be available (${there}/${wanted} Pods available)` };
}

function pod(object: Properties): Readiness {
    const { phase, message } = part(object, "status");
    if (phase === "Failed") {
        return { state: "failed", detail: `Pod failed: ${message ?? "no message"}` };
    }
    return phase === "Succeeded" || condition(object, "Ready")?.status === "True"
        ? ready
        : { state: "waiting", detail: `Waiting for Pod to be ready (${phase ?? "Pending"})` };
}

function job(object: Properties): Readiness {
    const failed = condition(object, "Failed");
    if (failed?.status === "True") {
        return { state: "failed", detail: `[${failed.reason}] ${failed.message}` };
    }
    return condition(object, "Complete")?.status === "True"
        ? ready
        : { state: "waiting", detail: "Waiting for Job to complete" };
}

const judges: Record<string, (object: Properties) => Readiness> = {
    "apps/v1 Deployment": (object) => replicas(object, "app ReplicaSet"),
    "apps/v1 StatefulSet": (object) => replicas(object, "StatefulSet"),
    "apps/v1 DaemonSet": daemonSet,
    "v1 Pod": pod,
    "batch/v1 Job": job,
};

/** Whether an object does its work yet; one of a kind that nothing is known of is ready as soon as it is there. */
export function readiness(object: Properties): Readiness {
    return judges[`${object.apiVersion} ${object.kind}`]?.(object) ?? ready;
}
