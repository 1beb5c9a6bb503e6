import type { AccessToken } from "@azure/identity";
import { requestClusterToken, type TokenRequest } from "../azure/cluster-token";
import type { SignIn } from "../azure/sign-in";
import { within } from "./in-time";
import type { Settings } from "./settings";
import type { GetToken } from "./verify";
import { TOKEN_TIMEOUT_MS } from "./verify-timeout";

/** A token is not used any more when it is about to expire in so many milliseconds. */
const EXPIRY_MARGIN_MS = 120_000;

/** A token that the API server has refused is replaced by a new one once it is so old, in milliseconds. */
const REFUSED_AGE_MS = 30_000;

/** The tokens of one run, for whoever asks. */
export function tokenSource(signIn: SignIn, { serverApplicationId }: Pick<Settings, "serverApplicationId">): GetToken {
    const tokens = new ClusterTokens(signIn, serverApplicationId);
    return (request, refused) => tokens.get(request, refused);
}

interface KeptToken extends AccessToken {
    requestedAt: number;
}

/** Tokens for API servers, each kept until shortly before it expires; requested once by those who ask at the same time. */
export class ClusterTokens {
    readonly #request: (request: TokenRequest, signal: AbortSignal) => Promise<AccessToken>;
    readonly #now: () => number;
    readonly #kept = new Map<string, KeptToken>();
    readonly #pending = new Map<string, Promise<KeptToken>>();

    /**
     * @param serverApplicationId as for {@link clusterToken}
     * @param now milliseconds since 1970
     */
    constructor(signIn: SignIn, serverApplicationId?: string, now: () => number = Date.now) {
        this.#request = (request, signal) => requestClusterToken(signIn, request, serverApplicationId, signal);
        this.#now = now;
    }

    /**
     * A token that is valid for two minutes at least, where Entra issues such ones.
     *
     * @param refused a token that the API server has refused: one of half a minute's age is requested anew
     * @throws ClusterTokenRefused when there is none
     * @throws TimeoutError when it takes longer than half a minute
     */
    async get(request: TokenRequest, refused?: string): Promise<string> {
        const key = JSON.stringify([request.kind, request.name, request.serverId, request.tenantId]);
        const kept = this.#kept.get(key);
        const now = this.#now();
        if (
            kept !== undefined &&
            kept.expiresOnTimestamp - now > EXPIRY_MARGIN_MS &&
            (kept.token !== refused || now - kept.requestedAt < REFUSED_AGE_MS)
        ) {
            return kept.token;
        }
        let pending = this.#pending.get(key);
        if (pending === undefined) {
            pending = this.#fetch(key, request).finally(() => this.#pending.delete(key));
            this.#pending.set(key, pending);
        }
        return (await pending).token;
    }

    async #fetch(key: string, request: TokenRequest): Promise<KeptToken> {
        const requestedAt = this.#now();
        const token = await within(TOKEN_TIMEOUT_MS, (signal) => this.#request(request, signal));
        const kept = { ...token, requestedAt };
        this.#kept.set(key, kept);
        return kept;
    }
}
