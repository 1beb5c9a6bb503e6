import type { ClusterNames } from "../../azure/cluster-names";
import { explain, isTransient } from "../../azure/explain";
import type { SignInFacts } from "../../azure/sign-in/explain-sign-in";
import type { Finding } from "./finding";

/** What an error means that came instead of the cluster's credentials: where waiting does not mend it, an `up` fails too. */
export function judgeNoCredentials(error: unknown, names: ClusterNames, signIn: SignInFacts): Finding {
    const [message = "", ...advice] = explain(error, names, signIn, { again: "try again", rotates: false }).split("\n");
    return {
        check: "credentials",
        status: isTransient(error) ? "unknown" : "blocks",
        message: `the cluster ${names.credentials}'s could not be read: ${message.replace(/\.$/, "")}`,
        advice: advice.join(" "),
    };
}
