import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { get as getSecurely } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { stringify } from "yaml";
import type { ControlPlaneTools } from "../../toolchain/kubernetes";
import type { ApiServer } from "./api-server";
import type { Child, Children } from "./children";
import { type ClusterSecrets, LOCAL_ACCOUNT } from "./cluster-secrets";
import { freePort } from "./free-port";

const READY_SECONDS = 180;
const LOOK_EVERY_MS = 100;
const MANAGER = "system:kube-controller-manager";

/** A real control plane: etcd, kube-apiserver and kube-controller-manager, without nodes. */
export class ControlPlane implements ApiServer {
    #etcd: Child | undefined;
    #apiServer: Child | undefined;
    #controllerManager: Child | undefined;
    #stopping = false;
    readonly version: string;

    private constructor(
        readonly url: string,
        private readonly port: number,
        private readonly etcdPort: number,
        private readonly peerPort: number,
        private readonly options: ControlPlaneOptions,
    ) {
        this.version = options.tools.apiServer.version;
    }

    /** Finds ports for it and starts nothing yet. */
    static async create(options: ControlPlaneOptions): Promise<ControlPlane> {
        const ports = await Promise.all([freePort(), freePort(), freePort()]);
        await mkdir(options.folder, { recursive: true, mode: 0o700 });
        return new ControlPlane(`https://127.0.0.1:${ports[0]}`, ...ports, options);
    }

    async start(secrets: ClusterSecrets, signal: AbortSignal): Promise<void> {
        this.#stopping = false;
        await Promise.all([this.#writeFiles(secrets), this.#etcd ? undefined : this.#startEtcd(signal)]);
        this.#apiServer = this.#run(this.options.tools.apiServer.path, this.#apiServerArguments());
        await this.#ready(this.#apiServer, () => this.#isServing(secrets), signal);
        this.#controllerManager = this.#run(this.options.tools.controllerManager.path, this.#managerArguments());
        this.#tellIfItEnds(this.#apiServer);
        this.#tellIfItEnds(this.#controllerManager);
    }

    async stop(): Promise<void> {
        this.#stopping = true;
        await Promise.all([this.#apiServer?.kill(), this.#controllerManager?.kill()]);
    }

    async close(): Promise<void> {
        await this.stop();
        await this.#etcd?.kill();
        await rm(this.options.folder, { recursive: true, force: true, maxRetries: 10 });
    }

    async #startEtcd(signal: AbortSignal): Promise<void> {
        const client = `http://127.0.0.1:${this.etcdPort}`;
        const peer = `http://127.0.0.1:${this.peerPort}`;
        this.#etcd = this.#run(this.options.tools.etcd.path, [
            `--data-dir=${this.#path("etcd")}`,
            `--listen-client-urls=${client}`,
            `--advertise-client-urls=${client}`,
            `--listen-peer-urls=${peer}`,
            `--initial-advertise-peer-urls=${peer}`,
            `--initial-cluster=default=${peer}`,
            // The data lives as long as this process: nothing is lost by a power cut.
            "--unsafe-no-fsync",
            "--log-level=error",
        ]);
        await this.#ready(this.#etcd, () => isOk(`${client}/health`), signal);
        this.#tellIfItEnds(this.#etcd);
    }

    #apiServerArguments(): string[] {
        return [
            `--etcd-servers=http://127.0.0.1:${this.etcdPort}`,
            "--bind-address=127.0.0.1",
            `--secure-port=${this.port}`,
            `--tls-cert-file=${this.#path("server.crt")}`,
            `--tls-private-key-file=${this.#path("server.key")}`,
            `--client-ca-file=${this.#path("ca.crt")}`,
            `--token-auth-file=${this.#path("tokens.csv")}`,
            `--service-account-key-file=${this.#path("service-account.pub")}`,
            `--service-account-signing-key-file=${this.#path("service-account.key")}`,
            `--service-account-issuer=${this.url}`,
            "--service-cluster-ip-range=10.0.0.0/16",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            "--allow-privileged=true",
            // No address that a node could reach, and a second less to wait for.
            "--endpoint-reconciler-type=none",
            "--enable-priority-and-fairness=false",
            "--profiling=false",
            ...(this.options.tokenReview
                ? [
                      `--authentication-token-webhook-config-file=${this.#path("token-review.yaml")}`,
                      "--authentication-token-webhook-version=v1",
                  ]
                : []),
        ];
    }

    #managerArguments(): string[] {
        const kubeconfig = this.#path("controller-manager.yaml");
        return [
            `--kubeconfig=${kubeconfig}`,
            `--root-ca-file=${this.#path("ca.crt")}`,
            `--service-account-private-key-file=${this.#path("service-account.key")}`,
            "--leader-elect=false",
            "--secure-port=0",
            "--concurrent-gc-syncs=4",
            "--concurrent-namespace-syncs=4",
        ];
    }

    async #writeFiles(secrets: ClusterSecrets): Promise<void> {
        const { username, uid, group } = LOCAL_ACCOUNT;
        const files = {
            "ca.crt": secrets.ca.certificate,
            "server.crt": secrets.server.certificate,
            "server.key": secrets.server.key,
            "service-account.key": secrets.serviceAccountKey,
            "service-account.pub": createPublicKey(secrets.serviceAccountKey).export({ type: "spki", format: "pem" }),
            "tokens.csv":
                `${secrets.token},${username},${uid},${group}\n` +
                `${secrets.controllerManagerToken},${MANAGER},${MANAGER},${group}\n`,
            "controller-manager.yaml": managerKubeconfig(this.url, secrets),
            ...(this.options.tokenReview && { "token-review.yaml": reviewKubeconfig(this.options.tokenReview) }),
        };
        await Promise.all(
            Object.entries(files).map(([name, text]) => writeFile(this.#path(name), text, { mode: 0o600 })),
        );
    }

    #run(program: string, args: string[]): Child {
        return this.options.children.start(program, args, this.#path("log"));
    }

    #tellIfItEnds(child: Child): void {
        void child.ended.then((how) => {
            if (!this.#stopping) {
                this.options.progress(`${how} on its own; its last lines:\n${child.tail()}`);
            }
        });
    }

    /** True once the API server answers with these certificates and says that it is ready. */
    #isServing(secrets: ClusterSecrets): Promise<boolean> {
        const expected = new X509Certificate(secrets.server.certificate).fingerprint256;
        return new Promise((resolve) => {
            const request = getSecurely(
                `${this.url}/readyz`,
                {
                    agent: false,
                    // The certificate itself is compared: one that has expired on purpose must do too.
                    rejectUnauthorized: false,
                    headers: { authorization: `Bearer ${secrets.token}` },
                },
                (response) => {
                    const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
                    response.resume();
                    resolve(response.statusCode === 200 && fingerprint256 === expected);
                },
            );
            request.on("error", () => resolve(false));
        });
    }

    async #ready(child: Child, look: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
        const deadline = Date.now() + READY_SECONDS * 1000;
        let ended: string | undefined;
        void child.ended.then((how) => {
            ended = how;
        });
        while (!(await look())) {
            if (ended !== undefined) {
                throw new Error(`${ended} before it was ready; its last lines:\n${child.tail()}`);
            }
            if (Date.now() > deadline) {
                throw new Error(`The API server was not ready within ${READY_SECONDS} s:\n${child.tail()}`);
            }
            await sleep(LOOK_EVERY_MS, undefined, { signal });
        }
    }

    #path(name: string): string {
        return join(this.options.folder, name);
    }
}

/** The webhook that knows tokens of Microsoft Entra ID. */
interface TokenReview {
    url: string;
    /** PEM file of the CA of its certificate. */
    caFile: string;
}

function reviewKubeconfig({ url, caFile }: TokenReview): string {
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "review", cluster: { server: url, "certificate-authority": caFile } }],
        users: [{ name: "api-server", user: {} }],
        contexts: [{ name: "review", context: { cluster: "review", user: "api-server" } }],
        "current-context": "review",
    });
}

/** What a control plane is made with. */
export interface ControlPlaneOptions {
    tools: ControlPlaneTools;
    /** For its data, certificates and log. It is made, and removed by `close`. */
    folder: string;
    children: Children;
    /** Where it asks whose token of Microsoft Entra ID it has been shown. Default: nowhere, and none is good. */
    tokenReview?: TokenReview;
    /** Told when one of the processes ends by itself. */
    progress: (line: string) => void;
}

function managerKubeconfig(server: string, secrets: ClusterSecrets): string {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
            { name: "local", cluster: { server, "certificate-authority-data": base64(secrets.ca.certificate) } },
        ],
        users: [
            {
                name: "manager",
                user: { token: secrets.controllerManagerToken },
            },
        ],
        contexts: [{ name: "local", context: { cluster: "local", user: "manager" } }],
        "current-context": "local",
    });
}

function isOk(url: string): Promise<boolean> {
    return new Promise((resolve) => {
        const request = get(url, { agent: false }, (response) => {
            response.resume();
            resolve(response.statusCode === 200);
        });
        request.on("error", () => resolve(false));
    });
}
