import { findCloud } from "../../azure/cloud";
import { Azure } from "../../azure/cluster";
import type { ClusterNames } from "../../azure/cluster-names";
import { explain } from "../../azure/explain";
import { chooseSignIn, type SignIn } from "../../azure/sign-in";
import { tokenSource } from "../cluster-tokens";
import { within } from "../in-time";
import type { Settings } from "../settings";
import { judgeNoCredentials } from "./credentials";
import { type Finding, unknown } from "./finding";
import { type Looked, preflight } from "./preflight";
import { seeApiServer } from "./see-api-server";

/** What a preflight by hand, or for a preview, is made of. */
export type Beforehand = Pick<
    Settings,
    "verify" | "verifyThrough" | "serverApplicationId" | "recordNamespace" | "stack" | keyof ClusterNames
>;

/**
 * A preflight without a rotation: looks at the cluster first. Where that fails, the one finding is that nothing could be
 * looked at.
 *
 * @param env environment variables, for the cloud and the sign-in
 * @param withinMs how long it may take in all
 */
export async function findingsBeforehand(
    names: Beforehand,
    env: Record<string, string | undefined>,
    withinMs: number,
): Promise<Finding[]> {
    let signIn: SignIn | undefined;
    try {
        const end = performance.now() + withinMs;
        return await within(withinMs, async (signal) => {
            const cloud = await findCloud(env, signal);
            signIn = chooseSignIn(env, cloud, names.subscriptionId);
            // A little less than all, so that what is found in time is told.
            return await findingsOf(names, new Azure(names, cloud, signIn), signIn, end - 500);
        });
    } catch (error) {
        const words =
            signIn === undefined
                ? (error as Error).message
                : explain(error, names, signIn, { again: "try again", rotates: false });
        return [unknown("clusterState", `it could not be looked at: ${words.replace(/\.$/, "")}`)];
    }
}

/**
 * The findings about a cluster that Azure tells of.
 *
 * @param end until when, by `performance.now()`
 * @throws Error when there is no such cluster; RestError, AuthenticationError, TimeoutError
 */
export async function findingsOf(names: Beforehand, azure: Azure, signIn: SignIn, end: number): Promise<Finding[]> {
    const left = () => Math.max(1, end - performance.now());
    const cluster = await within(left(), (signal) => azure.look(signal));
    if (cluster === undefined) {
        throw new Error(`There is no cluster "${names.clusterName}" in resource group "${names.resourceGroupName}".`);
    }
    const looked: Looked = { ...cluster, credentials: undefined };
    try {
        looked.credentials = await within(left(), (signal) => azure.credentials(signal));
    } catch (error) {
        looked.noCredentials = judgeNoCredentials(error, names, signIn);
    }
    const { credentials } = looked;
    if (
        credentials !== undefined &&
        !cluster.stopped &&
        names.verify !== "off" &&
        names.verifyThrough !== "runCommand"
    ) {
        // A command in the cluster would make a pod there, and this only reads.
        const seen = await seeApiServer(credentials, left());
        looked.apiServer = seen.shows;
        looked.apiServerReason = seen.reason;
        looked.apiServerCertificate = seen.certificate;
    }
    return preflight({ azure, getToken: tokenSource(signIn, names) }, names, looked, left(), Date.now());
}
