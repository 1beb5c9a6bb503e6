import type { SignInPlugin } from "../formats/kubeconfig";
import { within } from "./in-time";
import type { Question } from "./outside";
import { CheckFailed, type Verification } from "./verification";
import { type GetToken, verifyCredentials, verifyRotation } from "./verify";
import { TOKEN_TIMEOUT_MS, VERIFY_TIMEOUT_MS } from "./verify-timeout";

/** Verifies through the API server itself, from this machine. */
export class DirectVerifier {
    readonly #getToken: GetToken;
    readonly #limits: { tokenMs: number; verifyMs: number };
    #isTokenKnown = false;
    /** The token that a verification has failed with last. */
    #refused: string | undefined;

    /** @param limits how long the token may take, and how long the API server, in milliseconds */
    constructor(getToken: GetToken, limits = { tokenMs: TOKEN_TIMEOUT_MS, verifyMs: VERIFY_TIMEOUT_MS }) {
        this.#getToken = getToken;
        this.#limits = limits;
    }

    /** Notes that the API server has accepted a token of this sign-in before a rotation. */
    noteAcceptedToken(): void {
        this.#isTokenKnown = true;
    }

    /**
     * Verifies a rotation, or credentials. A token has a time of its own; where there is none, what needs none is verified
     * all the same.
     *
     * @throws CheckFailed when an answer is the wrong one
     * @throws VerificationUnanswered when there is no answer; TimeoutError when it takes too long
     */
    async verify({ rotated, now, before }: Question, withinMs: number): Promise<Verification> {
        const end = performance.now() + withinMs;
        const token = now.signIn && (await this.#token(now.signIn, withinMs));
        const getToken = async () => {
            if (token?.status !== "fulfilled") {
                throw token?.reason ?? new Error("no token was requested");
            }
            return token.value;
        };
        const left = Math.max(1, Math.min(this.#limits.verifyMs, end - performance.now()));
        try {
            return await within(left, (signal) =>
                rotated
                    ? verifyRotation(now, before, getToken, signal, { isTokenKnown: this.#isTokenKnown })
                    : verifyCredentials(now, getToken, signal),
            );
        } catch (error) {
            if (error instanceof CheckFailed && token?.status === "fulfilled") {
                this.#refused = token.value;
            }
            throw error;
        }
    }

    /** How the request for a token has ended; never fails. */
    async #token(signIn: SignInPlugin, withinMs: number): Promise<PromiseSettledResult<string>> {
        const ms = Math.min(this.#limits.tokenMs, withinMs);
        const [result] = await Promise.allSettled([within(ms, () => this.#getToken(signIn, this.#refused))]);
        return result;
    }
}
