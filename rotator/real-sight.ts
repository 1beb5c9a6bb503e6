import { setTimeout as sleep } from "node:timers/promises";
import { isRestError } from "@azure/core-rest-pipeline";
import pRetry from "p-retry";
import type { Azure, ManagedCluster } from "../azure/cluster";
import { isAbort, isTransient } from "../azure/explain";
import type { Kubeconfig } from "../formats/kubeconfig";
import { shakeHands } from "./api-server";
import { wait } from "./drive";
import { within } from "./in-time";
import type { ApiServerShows, Doing, Sight } from "./outside";
import type { ThroughCommand } from "./through-command";

const patienceMs = 10_000;

/** One broken connection is no sign that a server cannot be reached. */
const tries = { retries: 2, minTimeout: 500, factor: 1 };
const tryMs = 4_000;

/** How long a command in the cluster may take: AKS itself gives one up whose pod does not start within 30 s. */
const commandMs = 60_000;

/** A cluster in Azure, its API server, and the clock of this machine. */
export class RealSight implements Sight<Promise<unknown>> {
    /** Why no command could ask, when that was last tried in vain: told once. */
    private lastReason: string | undefined;

    constructor(
        private readonly azure: Pick<Azure, "look" | "credentials">,
        readonly tell: (line: string) => void,
        /** How the API server is asked where not from this machine. */
        protected readonly through?: ThroughCommand,
    ) {}

    /** Milliseconds since this process began. */
    now(): number {
        return performance.now();
    }

    date(): Date {
        return new Date();
    }

    *sleep(ms: number): Doing<Promise<unknown>, void> {
        yield* wait(sleep(Math.ceil(ms)));
    }

    /** @throws RestError, AuthenticationError, TimeoutError */
    *look(withinMs: number): Doing<Promise<unknown>, ManagedCluster | undefined> {
        return yield* wait(within(withinMs, (signal) => this.azure.look(signal)));
    }

    /** @throws RestError, AuthenticationError, TimeoutError; Error when the credentials have no CA */
    *credentials(withinMs: number): Doing<Promise<unknown>, Kubeconfig> {
        return yield* wait(within(withinMs, (signal) => this.azure.credentials(signal)));
    }

    /**
     * @throws TimeoutError where there was less time than an API server deserves before it is called unreachable; RestError
     * where Azure does not let a command ask it
     */
    *apiServer(credentials: Kubeconfig, withinMs: number): Doing<Promise<unknown>, ApiServerShows> {
        const { through } = this;
        if (through !== undefined) {
            return yield* this.byCommand(through, credentials, withinMs);
        }
        const ms = Math.min(withinMs, patienceMs);
        try {
            const shake = () => within(tryMs, (signal) => shakeHands(credentials, credentials.caCertificate, signal));
            const { signed } = yield* wait(within(ms, (signal) => pRetry(shake, { ...tries, signal })));
            return signed ? "sameCa" : "anotherCa";
        } catch (error) {
            if (isAbort(error) && withinMs < patienceMs) {
                throw error;
            }
            return "unreachable";
        }
    }

    private *byCommand(
        through: ThroughCommand,
        credentials: Kubeconfig,
        withinMs: number,
    ): Doing<Promise<unknown>, ApiServerShows> {
        const ms = Math.min(withinMs, commandMs);
        try {
            return yield* wait(within(ms, (signal) => through.shows(credentials, signal)));
        } catch (error) {
            const late = isAbort(error) && withinMs < commandMs;
            if (late || isRefused(error) || (isTransient(error) && !isAbort(error))) {
                throw error;
            }
            const reason = (error as Error).message;
            if (reason !== this.lastReason) {
                this.tell(`The API server could not be asked by a command in the cluster: ${reason}`);
            }
            this.lastReason = reason;
            return "unreachable";
        }
    }
}

/** Whether the identity lacks a right: what waiting does not mend, and what is to be told as such. */
function isRefused(error: unknown): boolean {
    return isRestError(error) && (error.statusCode === 401 || error.statusCode === 403);
}
