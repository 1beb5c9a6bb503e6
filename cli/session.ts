import { type Cloud, findCloud } from "../azure/cloud";
import { Clusters } from "../azure/clusters";
import { chooseSignIn, type SignIn } from "../azure/sign-in";

const metadataMs = 30_000;

/** A subscription as one is signed in to it. */
export interface Signed {
    signIn: SignIn;
    clusters: Clusters;
}

/** A cloud, and the sign-ins to its subscriptions, as azure-native takes them from the environment. */
export class Session {
    private readonly subscriptions = new Map<string, Signed>();

    private constructor(
        readonly cloud: Cloud,
        private readonly env: Record<string, string | undefined>,
    ) {}

    /**
     * Finds the cloud. Nobody signs in yet.
     *
     * @throws Error that says which variable is wrong or missing, of the sign-in too
     */
    static async open(env: Record<string, string | undefined>): Promise<Session> {
        const cloud = await findCloud(env, AbortSignal.timeout(metadataMs));
        chooseSignIn(env, cloud);
        return new Session(cloud, env);
    }

    /** A subscription; the same object each time. Each has a sign-in of its own, since the az CLI knows each one's tenant. */
    subscription(subscriptionId: string): Signed {
        const key = subscriptionId.toLowerCase();
        let signed = this.subscriptions.get(key);
        if (signed === undefined) {
            const signIn = chooseSignIn(this.env, this.cloud, subscriptionId);
            signed = { signIn, clusters: new Clusters(subscriptionId, this.cloud, signIn) };
            this.subscriptions.set(key, signed);
        }
        return signed;
    }
}
