import { readFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";

/** What a kubeconfig says, with the CA as PEM. */
export function caOf(kubeconfig: string) {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const cluster = config.getCurrentCluster();
    const user = config.getCurrentUser();
    const text = (base64: string | undefined) => Buffer.from(base64 ?? "", "base64").toString("utf8");
    return {
        ca: text(cluster?.caData),
        server: cluster?.server ?? "",
        cluster: cluster?.name,
        context: config.getCurrentContext(),
        user: user?.name,
        certificate: text(user?.certData),
        key: text(user?.keyData),
        token: user?.token ?? "",
    };
}

/** An answer; `error` where there was none. */
export interface Answer {
    status?: number;
    body?: string;
    headers?: Record<string, string | string[] | undefined>;
    error?: string;
}

/** Sends a request on a connection of its own. */
export function send(url: string, options: RequestOptions, body?: string): Promise<Answer> {
    return new Promise((resolve) => {
        const outgoing = request(url, { agent: false, ...options }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", (error) => resolve({ error: error.message }));
            response.on("end", () =>
                resolve({
                    status: response.statusCode,
                    headers: response.headers,
                    body: Buffer.concat(chunks).toString("utf8"),
                }),
            );
        });
        outgoing.on("error", (error) => resolve({ error: error.message }));
        outgoing.end(body);
    });
}

/** Asks the API server who the kubeconfig's user is, by client certificate alone. */
export async function reviewSelf(kubeconfig: string, ca = caOf(kubeconfig).ca) {
    const { server, certificate, key } = caOf(kubeconfig);
    const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
    const answer = await send(
        `${server}/apis/authentication.k8s.io/v1/selfsubjectreviews`,
        { method: "POST", ca, cert: certificate, key, headers: { "content-type": "application/json" } },
        body,
    );
    if (answer.error !== undefined) {
        return { error: answer.error };
    }
    return answer.status === 201
        ? { username: JSON.parse(answer.body ?? "").status.userInfo.username as string }
        : { status: answer.status };
}

/** Sends a bare request to the local AKS. */
export function ask(
    aks: LocalAks,
    method: string,
    path: string,
    options: { token?: string; body?: string; userAgent?: string } = {},
) {
    const { token, body, userAgent } = options;
    const headers = {
        ...(userAgent && { "user-agent": userAgent }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && {
            "content-type": body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded",
        }),
    };
    return send(aks.url + path, { method, ca: readFileSync(aks.caFile), headers }, body);
}

/** Signs in with the client secret. */
export async function signIn(aks: LocalAks, form: Record<string, string> = {}): Promise<Answer> {
    const body = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: aks.clientId,
        client_secret: aks.environment.ARM_CLIENT_SECRET ?? "",
        scope: `${aks.url}/.default`,
        ...form,
    });
    return ask(aks, "POST", `/${aks.tenantId}/oauth2/v2.0/token`, { body: body.toString() });
}

/** An access token for Resource Manager. */
export async function accessToken(aks: LocalAks): Promise<string> {
    return JSON.parse((await signIn(aks)).body ?? "").access_token as string;
}
