import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Cloud, findCloud } from "../azure/cloud";
import { Clusters } from "../azure/clusters";
import { chooseSignIn, type SignIn } from "../azure/sign-in";

const metadataMs = 30_000;

/** A cloud, and a sign-in to it, as azure-native takes them from the environment. */
export class Session {
    private readonly subscriptions = new Map<string, Clusters>();

    private constructor(
        readonly cloud: Cloud,
        readonly signIn: SignIn,
    ) {}

    /**
     * Finds the cloud and picks the sign-in. Nobody signs in yet.
     *
     * @throws Error that says which variable is wrong or missing
     */
    static async open(env: Record<string, string | undefined>): Promise<Session> {
        const cloud = await findCloud(env, AbortSignal.timeout(metadataMs));
        return new Session(cloud, chooseSignIn(env, cloud));
    }

    /** The clusters of a subscription; the same object each time. */
    clusters(subscriptionId: string): Clusters {
        const key = subscriptionId.toLowerCase();
        const clusters = this.subscriptions.get(key) ?? new Clusters(subscriptionId, this.cloud, this.signIn);
        this.subscriptions.set(key, clusters);
        return clusters;
    }
}

/**
 * The subscription: the one that is given, else that of `ARM_SUBSCRIPTION_ID`, else the one that the az CLI is set to.
 *
 * @throws Error that says how to give one
 */
export async function findSubscription(
    given: string | undefined,
    env: Record<string, string | undefined>,
): Promise<string> {
    if (given || env.ARM_SUBSCRIPTION_ID) {
        return (given || env.ARM_SUBSCRIPTION_ID) as string;
    }
    try {
        const args = ["account", "show", "--query", "id", "--output", "tsv"];
        const { stdout } = await promisify(execFile)("az", args, {
            env: env as NodeJS.ProcessEnv,
            timeout: 30_000,
            shell: process.platform === "win32",
        });
        if (stdout.trim() !== "") {
            return stdout.trim();
        }
    } catch {
        // Told below: not installed, or not signed in.
    }
    throw new Error(
        "Which subscription? Give --subscription, or set ARM_SUBSCRIPTION_ID, or choose one with az account set.",
    );
}
