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
