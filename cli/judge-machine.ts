import type { DoctorFinding } from "./doctor-finding";

/** Lowest major version of Node.js that this package runs on. */
const nodeMajor = 22;

/** Oldest version of Pulumi that this project is tested with. */
const pulumiOldest = [3, 259, 0] as const;

/** @param version of Node.js, such as 24.1.0 */
export function judgeNode(version: string): DoctorFinding {
    const isEnough = Number(version.split(".")[0]) >= nodeMajor;
    return {
        check: "node",
        status: isEnough ? "ok" : "blocks",
        message: `Node.js is ${version}`,
        advice: isEnough ? "" : `Install Node.js ${nodeMajor} or later.`,
    };
}

/** @param version what `pulumi version` prints; undefined where there is none on PATH */
export function judgePulumi(version: string | undefined): DoctorFinding {
    const numbers = /(\d+)\.(\d+)\.(\d+)/
        .exec(version ?? "")
        ?.slice(1)
        .map(Number);
    if (version === undefined || numbers === undefined) {
        return { check: "pulumi", status: "unknown", message: "there is no pulumi on PATH", advice: "" };
    }
    const at = pulumiOldest.findIndex((number, i) => number !== numbers[i]);
    const isOld = at >= 0 && (numbers[at] ?? 0) < (pulumiOldest[at] ?? 0);
    return {
        check: "pulumi",
        status: isOld ? "warns" : "ok",
        message: `pulumi is ${numbers.join(".")}`,
        advice: isOld ? `This package is tested with ${pulumiOldest.join(".")} and later.` : "",
    };
}

/**
 * @param isNeeded whether the cluster's kubeconfig gets its token by a program
 * @param version what `kubelogin --version` prints; undefined where there is none on PATH
 */
export function judgeKubelogin(isNeeded: boolean, version: string | undefined): DoctorFinding {
    const check = "kubelogin";
    if (!isNeeded) {
        return { check, status: "ok", message: "these credentials need no kubelogin", advice: "" };
    }
    if (version !== undefined) {
        return { check, status: "ok", message: "kubelogin is there: these credentials need it", advice: "" };
    }
    return {
        check,
        status: "warns",
        message: "these credentials need kubelogin, and there is none on PATH",
        advice:
            "The rotation itself does without; kubectl and Kubernetes providers do not: install it (az aks install-cli), " +
            "or use the cluster admin's credentials (--admin).",
    };
}
