import { type Finding, ok } from "./finding";

/**
 * Whether the rotation record in a cluster is that of another stack. Two stacks that rotate one cluster rotate it twice for
 * one raise.
 *
 * @param owner project and stack that wrote the record; undefined where there is none, or it does not say
 * @param own those of the program that asks; undefined where it is none, as by hand
 */
export function judgeOtherStack(owner: string | undefined, own: string | undefined): Finding {
    if (owner === undefined) {
        return ok("otherStack", "the cluster has no record of another stack");
    }
    if (own === undefined || owner === own) {
        return ok("otherStack", `the rotation record in the cluster is that of the stack ${owner}`);
    }
    return {
        check: "otherStack",
        status: "warns",
        message: `the rotation record in the cluster is that of the stack ${owner}, and this is ${own}`,
        advice:
            "Each would rotate the cluster for its own generation. Remove the component in one of them (that does nothing to " +
            "the cluster). Where the stack was renamed, the next up writes the record anew.",
    };
}
