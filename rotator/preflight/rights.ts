import { isGranted, type Permission } from "../../azure/permission";
import { type Finding, ok } from "./finding";

/** Whether the right to rotate is there, and to read what a rotation needs. */
export function judgeRights(permissions: readonly Permission[], needed: readonly string[]): Finding {
    const missing = needed.filter((action) => !isGranted(action, permissions));
    if (missing.length === 0) {
        return ok("rights", "the roles of the identity that signed in have every action that a rotation needs");
    }
    return {
        check: "rights",
        status: "blocks",
        message: `the identity that signed in lacks ${missing.join(", ")}`,
        advice:
            'Assign it a role on the cluster that has it, such as "Azure Kubernetes Service Contributor Role"; ' +
            "a new assignment can take some minutes to count.",
    };
}
