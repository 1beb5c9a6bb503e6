import * as z from "zod/mini";
import { type Address, type Answer, type Caller, post } from "./api-server";

/** What an API server says of a caller; `unanswerable` has the reason where it does not say. */
export type Authentication = "authenticated" | "refused" | { unanswerable: string };

const SelfSubjectReview = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });
const SelfSubjectAccessReview = z.object({ status: z.object({ allowed: z.boolean() }) });

/** The user of a request without credentials, where the API server lets one in. */
const ANONYMOUS = "system:anonymous";

/**
 * Asks the API server whether it knows the caller, by what every authenticated user may ask whatever the roles:
 * SelfSubjectReview, which Kubernetes has since 1.28 (the beta of 1.27 is off by default), or else
 * SelfSubjectAccessReview. A 401 refuses the caller; a 403 or 404 says nothing about it, since a request without
 * credentials can get one too.
 *
 * @throws Error when the server cannot be reached, is not trusted, or has an answer of another kind
 */
export async function authenticate(
    address: Address,
    trust: string,
    caller: Caller,
    signal: AbortSignal,
): Promise<Authentication> {
    if (caller.client === undefined && caller.token === undefined) {
        return { unanswerable: "the kubeconfig has neither a client certificate nor a token" };
    }
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const who = await post(address, trust, "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, caller, signal);
    if (!saysNothing(who)) {
        const { status } = read(SelfSubjectReview, who, "who the user is") ?? {};
        return status === undefined || status.userInfo.username === ANONYMOUS ? "refused" : "authenticated";
    }
    const access = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { nonResourceAttributes: { path: "/version", verb: "get" } },
    };
    const may = await post(
        address,
        trust,
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        access,
        caller,
        signal,
    );
    if (saysNothing(may)) {
        const reason =
            `the API server says neither who the user is (${who.status} to a SelfSubjectReview) nor what the user may do ` +
            `(${may.status} to a SelfSubjectAccessReview)`;
        return { unanswerable: reason };
    }
    return read(SelfSubjectAccessReview, may, "what the user may do") === undefined ? "refused" : "authenticated";
}

function saysNothing({ status }: Answer): boolean {
    return status === 403 || status === 404;
}

/** The body of an answer; undefined for a 401. */
function read<T>(schema: z.ZodMiniType<T>, { status, text }: Answer, what: string): T | undefined {
    if (status === 401) {
        return undefined;
    }
    if (status !== 200 && status !== 201) {
        throw new Error(`the API server answered ${status} when it was asked ${what}`);
    }
    const { success, data } = schema.safeParse(parseJson(text));
    if (!success) {
        throw new Error(`the API server answered ${status} when it was asked ${what}, but did not say it`);
    }
    return data;
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
