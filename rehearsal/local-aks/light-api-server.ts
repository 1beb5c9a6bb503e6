import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ApiServer } from "./api-server";
import { isClientOf } from "./client-certificate";
import type { Client } from "./clients";
import type { Clock } from "./clock";
import type { DisruptionBudget } from "./cluster-options";
import { type ClusterSecrets, LOCAL_ACCOUNT } from "./cluster-secrets";
import { entraIdUser } from "./entra-id-user";
import { freePort } from "./free-port";

const SELF_SUBJECT_REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

const selfSubjectReviews: [name: string, kind: string, verbs: string[]] = [
    "selfsubjectreviews",
    "SelfSubjectReview",
    ["create"],
];

/** Lets somebody see, delay or spoil what comes before it is handled. */
export interface Intercept {
    /** A connection, before TLS. */
    connection(socket: Socket, accept: () => void): void;
    request(request: IncomingMessage, response: ServerResponse, handle: () => void): void;
    /** Whose token of Microsoft Entra ID it is; undefined where it is none that is good here. Without: none is. */
    userOf?: (token: string) => Promise<Client | undefined>;
}

interface User {
    username: string;
    uid?: string;
    groups: string[];
    /** Why the user may not see what is at a path; undefined: it may. */
    refuses?: (path: string) => string | undefined;
}

/**
 * A stand-in for a control plane: a TLS server in this process with the endpoints that tell whether credentials work.
 * It keeps no objects. Cheap enough for a hundred in one process.
 */
export class LightApiServer implements ApiServer {
    readonly #kubeSystem: object;
    readonly #clientCas = new Set<string>();
    readonly #sockets = new Set<Socket>();
    #server: Server | undefined;
    /** Those that it was started with last. */
    #secrets: ClusterSecrets | undefined;

    private constructor(
        readonly url: string,
        private readonly port: number,
        readonly version: string,
        private readonly clock: Clock,
        private readonly intercept: Intercept,
        private readonly budgets: () => DisruptionBudget[],
        private readonly isAlternating: () => boolean,
    ) {
        this.#kubeSystem = namespace("kube-system", clock.date());
    }

    /**
     * Finds a port for it and starts nothing yet.
     *
     * @param budgets the pod disruption budgets that it lists; they cover no true pods
     * @param isAlternating whether every second new connection reaches a replica with the certificates it had before
     */
    static async create(
        version: string,
        clock: Clock,
        intercept: Intercept,
        budgets: () => DisruptionBudget[] = () => [],
        isAlternating: () => boolean = () => false,
    ): Promise<LightApiServer> {
        const port = await freePort();
        return new LightApiServer(`https://127.0.0.1:${port}`, port, version, clock, intercept, budgets, isAlternating);
    }

    async start(secrets: ClusterSecrets): Promise<void> {
        this.#clientCas.add(secrets.ca.certificate);
        const replica = this.#replica(secrets);
        const old = this.#replica(this.#secrets ?? secrets);
        this.#secrets = secrets;
        let connections = 0;
        const server = createTcpServer((socket) => {
            this.#sockets.add(socket);
            socket.once("close", () => this.#sockets.delete(socket));
            // A client that is cut off before TLS is no failure of ours.
            socket.on("error", () => undefined);
            const turn = this.isAlternating() && connections++ % 2 === 0 ? old : replica;
            this.intercept.connection(socket, () => turn.emit("connection", socket));
        });
        server.listen(this.port, "127.0.0.1");
        await once(server, "listening");
        this.#server = server;
    }

    /** One that listens nowhere: it is handed its connections. */
    #replica(secrets: ClusterSecrets): Server {
        return createServer(
            {
                key: secrets.server.key,
                cert: secrets.server.certificate,
                ca: secrets.ca.certificate,
                requestCert: true,
                // A client certificate that is not ours is refused as Kubernetes does it: by a 401, not in the handshake.
                rejectUnauthorized: false,
            },
            (request, response) =>
                this.intercept.request(request, response, () => void this.#answer(request, response, secrets)),
        );
    }

    async stop(): Promise<void> {
        const server = this.#server;
        if (server) {
            this.#server = undefined;
            server.close();
            for (const socket of this.#sockets) {
                socket.destroy();
            }
            await once(server, "close");
        }
    }

    close(): Promise<void> {
        return this.stop();
    }

    async #answer(request: IncomingMessage, response: ServerResponse, secrets: ClusterSecrets): Promise<void> {
        request.resume();
        const user = await this.#userOf(request, secrets);
        if (user === undefined) {
            send(response, 401, status(401, "Unauthorized", "Unauthorized"));
            return;
        }
        const path = (request.url ?? "/").split("?")[0] ?? "/";
        const refusal = user.refuses?.(path);
        if (refusal !== undefined) {
            send(response, 403, status(403, "Forbidden", refusal));
            return;
        }
        const found = this.#documents(user)[`${request.method} ${path}`];
        if (found === undefined) {
            send(response, 404, status(404, "NotFound", "the server could not find the requested resource"));
        } else {
            send(response, request.method === "POST" ? 201 : 200, found);
        }
    }

    /** Kubernetes has it since 1.28; in 1.27 its beta must be switched on. */
    get #hasSelfSubjectReview(): boolean {
        const [major = 0, minor = 0] = this.version.split(".").map(Number);
        return major > 1 || minor >= 28;
    }

    /** Who asks; undefined where nobody knows. */
    async #userOf(request: IncomingMessage, secrets: ClusterSecrets): Promise<User | undefined> {
        if (isLocalAccount(request, secrets, this.clock.date())) {
            const { username, uid, group } = LOCAL_ACCOUNT;
            return { username, uid, groups: [group] };
        }
        const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
        const client = token && (await this.intercept.userOf?.(token));
        return client ? entraIdUser(client) : undefined;
    }

    #documents(user: User): Record<string, string | object> {
        const [major, minor] = this.version.split(".");
        const selfSubjectReview = {
            kind: "SelfSubjectReview",
            apiVersion: "authentication.k8s.io/v1",
            metadata: { creationTimestamp: this.clock.date().toISOString() },
            status: {
                userInfo: { username: user.username, uid: user.uid, groups: [...user.groups, "system:authenticated"] },
            },
        };
        const group = (name: string) => {
            const groupVersion = { groupVersion: `${name}/v1`, version: "v1" };
            return { name, versions: [groupVersion], preferredVersion: groupVersion };
        };
        return {
            "GET /readyz": "ok",
            "GET /livez": "ok",
            "GET /healthz": "ok",
            "GET /version": { major, minor, gitVersion: `v${this.version}`, platform: "local-aks/light" },
            "GET /api": { kind: "APIVersions", versions: ["v1"] },
            "GET /apis": {
                kind: "APIGroupList",
                apiVersion: "v1",
                groups: [group("authentication.k8s.io"), group("authorization.k8s.io"), group("policy")],
            },
            "GET /api/v1": resources("v1", [
                ["namespaces", "Namespace", ["get"]],
                ["configmaps", "ConfigMap", ["get"], true],
            ]),
            "GET /apis/authentication.k8s.io/v1": resources("authentication.k8s.io/v1", [
                ...(this.#hasSelfSubjectReview ? [selfSubjectReviews] : []),
            ]),
            "GET /apis/authorization.k8s.io/v1": resources("authorization.k8s.io/v1", [
                ["selfsubjectaccessreviews", "SelfSubjectAccessReview", ["create"]],
            ]),
            "GET /apis/policy/v1": resources("policy/v1", [
                ["poddisruptionbudgets", "PodDisruptionBudget", ["list"], true],
            ]),
            "GET /api/v1/namespaces/kube-system": this.#kubeSystem,
            "GET /apis/policy/v1/poddisruptionbudgets": {
                kind: "PodDisruptionBudgetList",
                apiVersion: "policy/v1",
                metadata: { resourceVersion: "1" },
                items: this.budgets().map(({ namespace, name, disruptionsAllowed, expectedPods = 1 }) => ({
                    metadata: { namespace, name },
                    spec: {},
                    status: { disruptionsAllowed, expectedPods },
                })),
            },
            "GET /api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication": {
                kind: "ConfigMap",
                apiVersion: "v1",
                metadata: { name: "extension-apiserver-authentication", namespace: "kube-system" },
                // As kube-apiserver does: it adds its own, and leaves those that were there.
                data: { "client-ca-file": [...this.#clientCas].join("\n") },
            },
            ...(this.#hasSelfSubjectReview && { [`POST ${SELF_SUBJECT_REVIEWS}`]: selfSubjectReview }),
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews": {
                kind: "SelfSubjectAccessReview",
                apiVersion: "authorization.k8s.io/v1",
                metadata: {},
                spec: { nonResourceAttributes: { path: "/version", verb: "get" } },
                status: { allowed: true },
            },
        };
    }
}

function isLocalAccount(request: IncomingMessage, secrets: ClusterSecrets, now: Date): boolean {
    if (request.headers.authorization === `Bearer ${secrets.token}`) {
        return true;
    }
    const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
    return certificate !== undefined && isClientOf(certificate, secrets.ca.certificate, now);
}

function resources(
    groupVersion: string,
    list: [name: string, kind: string, verbs: string[], namespaced?: boolean][],
): object {
    return {
        kind: "APIResourceList",
        apiVersion: "v1",
        groupVersion,
        resources: list.map(([name, kind, verbs, namespaced = false]) => ({
            name,
            singularName: "",
            namespaced,
            kind,
            verbs,
        })),
    };
}

function namespace(name: string, created: Date): object {
    return {
        kind: "Namespace",
        apiVersion: "v1",
        metadata: {
            name,
            uid: randomUUID(),
            resourceVersion: "1",
            creationTimestamp: created.toISOString(),
            labels: { "kubernetes.io/metadata.name": name },
        },
        spec: { finalizers: ["kubernetes"] },
        status: { phase: "Active" },
    };
}

function status(code: number, reason: string, message: string): object {
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}

function send(response: ServerResponse, code: number, body: string | object): void {
    const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
    response.writeHead(code, {
        "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json",
        "content-length": Buffer.byteLength(text),
        "audit-id": randomUUID(),
    });
    response.end(text);
}
