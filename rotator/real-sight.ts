import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import type { Azure, ManagedCluster } from "../azure/cluster";
import { isAbort } from "../azure/explain";
import type { Kubeconfig } from "../formats/kubeconfig";
import { shakeHands } from "./api-server";
import { wait } from "./drive";
import { within } from "./in-time";
import type { ApiServerShows, Doing, Sight } from "./outside";

const patienceMs = 10_000;

/** One broken connection is no sign that a server cannot be reached. */
const tries = { retries: 2, minTimeout: 500, factor: 1 };
const tryMs = 4_000;

/** A cluster in Azure, its API server, and the clock of this machine. */
export class RealSight implements Sight<Promise<unknown>> {
    constructor(
        private readonly azure: Pick<Azure, "look" | "credentials">,
        readonly tell: (line: string) => void,
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

    /** @throws TimeoutError where there was less time than an API server deserves before it is called unreachable */
    *apiServer(credentials: Kubeconfig, withinMs: number): Doing<Promise<unknown>, ApiServerShows> {
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
}
