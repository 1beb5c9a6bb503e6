import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { stamp } from "./answer-headers";
import type { Clock } from "./clock";
import type { ClusterRef } from "./cluster-options";
import type { Faults } from "./faults";
import { inject } from "./inject";
import { injectIntoConnection } from "./inject-connection";
import { type HasSecret, misplacedSecrets, watchBody } from "./misplaced-secrets";
import { type Classified, classify } from "./request-kind";
import type { RequestLog } from "./request-log";

/** Stands before every server of the local AKS: remembers the requests, and injects the faults. */
export class Interceptor {
    constructor(
        private readonly faults: Faults,
        private readonly log: RequestLog,
        private readonly clock: Clock,
        /** Whose operation this is. */
        private readonly clusterOf: (operationId: string) => ClusterRef | undefined,
        private readonly stateOf: (cluster: ClusterRef) => string | undefined,
        private readonly hasSecret: HasSecret,
    ) {}

    /** For requests to Azure. */
    azure(request: IncomingMessage, response: ServerResponse, handle: () => void): void {
        const classified = classify(request.method ?? "", pathOf(request));
        const owner = classified.operationId === undefined ? undefined : this.clusterOf(classified.operationId);
        const about = owner ? { resourceGroup: owner.resourceGroup, cluster: owner.name } : {};
        this.#intercept({ ...classified, ...about }, request, response, handle);
    }

    /** For requests to the API server of a light cluster. */
    apiServer(cluster: ClusterRef, request: IncomingMessage, response: ServerResponse, handle: () => void): void {
        const about = { resourceGroup: cluster.resourceGroup, cluster: cluster.name };
        this.#intercept({ kind: "apiServer", ...about }, request, response, handle);
    }

    /** For connections to the API server of a light cluster, before TLS. */
    apiServerConnection(cluster: ClusterRef, socket: Socket, accept: () => void): void {
        const kind = "apiServerConnection" as const;
        const [method, path] = ["CONNECT", "/"];
        const { resourceGroup, name } = cluster;
        const ref = { resourceGroup, name };
        const about = this.#stateOf(ref);
        const time = new Date().toISOString();
        this.log.add({ time, kind, cluster: ref, ...about, clientPort: socket.remotePort, method, path, status: 0 });
        const strike = this.faults.strike({ kind, ...about, method, path, resourceGroup, cluster: name });
        if (strike) {
            injectIntoConnection(strike, socket, accept);
        } else {
            accept();
        }
    }

    #stateOf(cluster: ClusterRef): { provisioningState?: string } {
        const provisioningState = this.stateOf(cluster);
        return provisioningState === undefined ? {} : { provisioningState };
    }

    #intercept(about: Classified, request: IncomingMessage, response: ServerResponse, answer: () => void): void {
        const method = request.method ?? "";
        const path = pathOf(request);
        const time = new Date().toISOString();
        const { kind, resourceGroup, cluster } = about;
        const ref = resourceGroup && cluster ? { resourceGroup, name: cluster } : undefined;
        const state = ref === undefined ? {} : this.#stateOf(ref);
        const userAgent = request.headers["user-agent"];
        if (kind !== "control") {
            const port = kind === "apiServer" ? { clientPort: request.socket.remotePort } : {};
            const named = userAgent === undefined ? {} : { userAgent };
            const entry = this.log.add({
                time,
                kind,
                ...(ref && { cluster: ref }),
                ...state,
                ...port,
                method,
                path,
                ...named,
                status: 0,
            });
            const leak = (places: string[]) => {
                if (places.length > 0) {
                    entry.leaks = [...(entry.leaks ?? []), ...places];
                }
            };
            leak(misplacedSecrets(kind, request, this.hasSecret));
            watchBody(kind, request, this.hasSecret, () => leak(["body"]));
            // Before the client can have the answer: whoever has one finds it in the log.
            response.once("prefinish", () => {
                entry.status = response.statusCode;
            });
        }
        const handle = () => {
            stamp(response, kind, this.clock);
            answer();
        };
        const strike = this.faults.strike({ ...about, ...state, method, path, userAgent });
        if (strike) {
            stamp(response, kind, this.clock);
            inject(strike, request, response, handle, this.clock);
        } else {
            handle();
        }
    }
}

function pathOf(request: IncomingMessage): string {
    return (request.url ?? "/").split("?")[0] ?? "/";
}
