import type { X509Certificate } from "node:crypto";
import { isRestError } from "@azure/core-rest-pipeline";
import pRetry from "p-retry";
import type { Azure, ManagedCluster } from "../azure/cluster";
import { isAbort, isTransient } from "../azure/explain";
import { CommandNotRun } from "../azure/run-command";
import type { Kubeconfig } from "../formats/kubeconfig";
import { probeServerCa } from "./api-server";
import { drive, wait } from "./drive";
import type { EarlierCa } from "./earlier-ca";
import { within } from "./in-time";
import { monotonicClock } from "./monotonic-clock";
import type { ApiServerShows, Doing, Sight } from "./outside";
import { type ProbeSchedule, probeServerCaRepeatedly, type ServerCa, SINGLE_PROBE } from "./probe-server-ca";
import type { ThroughCommand } from "./through-command";

const patienceMs = 10_000;

/** How long a connection may take where there are several, in milliseconds. */
const SLOW_CONNECTION_MS = 1_500;

/** One broken connection is no sign that a server cannot be reached. */
const tries = { retries: 2, minTimeout: 500, factor: 1 };
const tryMs = 4_000;

/** How long a command in the cluster may take: AKS itself gives one up whose pod does not start within 30 s. */
const commandMs = 60_000;

/** A cluster in Azure, its API server, and the clock of this machine. */
export class RealSight implements Sight<Promise<unknown>> {
    /** Why the API server could not be asked, when that was last tried in vain: reported once. */
    private lastReason: string | undefined;

    constructor(
        private readonly azure: Pick<Azure, "look" | "credentials">,
        readonly tell: (line: string) => void,
        /** How the API server is asked where not from this machine. */
        protected readonly through?: ThroughCommand,
    ) {}

    /** Milliseconds since this process began. */
    now(): number {
        return monotonicClock.now();
    }

    date(): Date {
        return new Date();
    }

    *sleep(ms: number): Doing<Promise<unknown>, void> {
        yield* monotonicClock.sleep(ms);
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
     * Compares the CA of the API server's certificate with the credentials' and the intent's, on as many new connections
     * as the schedule has; ends at the first one that proves a change. A connection that fails is made again twice.
     *
     * @param earlier the CAs of before the rotation; undefined: compares with the credentials alone
     * @throws TimeoutError where there was less time than an API server deserves before it is called unreachable; RestError
     * where Azure does not let a command ask it
     */
    *serverCa(
        credentials: Kubeconfig,
        earlier: EarlierCa | undefined,
        schedule: ProbeSchedule,
        withinMs: number,
    ): Doing<Promise<unknown>, ServerCa | "unreachable"> {
        const shown = yield* this.probe(credentials, earlier?.certificates, schedule, withinMs);
        // Where a certificate of before is not at hand, it can be the one that has signed.
        const isUnsure = shown !== "unreachable" && shown.intent === "mismatch" && earlier?.isComplete === false;
        return isUnsure ? { ...shown, intent: undefined } : shown;
    }

    private *probe(
        credentials: Kubeconfig,
        intentCa: readonly X509Certificate[] | undefined,
        schedule: ProbeSchedule,
        withinMs: number,
    ): Doing<Promise<unknown>, ServerCa | "unreachable"> {
        const { through } = this;
        if (through !== undefined) {
            return yield* this.byCommand(withinMs, schedule, (signal) =>
                through.probeServerCa(credentials, intentCa, schedule, signal),
            );
        }
        // Slow connections follow one another: each gets more than its share of the schedule.
        const enoughMs = patienceMs + schedule.overMs + schedule.connections * SLOW_CONNECTION_MS;
        const probe = (signal: AbortSignal) => probeServerCa(credentials, intentCa, signal);
        try {
            return yield* wait(
                within(Math.min(withinMs, enoughMs), (signal) =>
                    drive(
                        probeServerCaRepeatedly({
                            ...schedule,
                            clock: this,
                            handshake: () => wait(pRetry(() => within(tryMs, probe), { ...tries, signal })),
                        }),
                    ),
                ),
            );
        } catch (error) {
            if (isAbort(error) && withinMs < enoughMs) {
                throw error;
            }
            return this.unreachable("cannot be reached", error);
        }
    }

    /** The same for the credentials alone, on one connection. */
    *apiServer(credentials: Kubeconfig, withinMs: number): Doing<Promise<unknown>, ApiServerShows> {
        const shown = yield* this.serverCa(credentials, undefined, SINGLE_PROBE, withinMs);
        return shown === "unreachable" ? shown : shown.credentials === "match" ? "sameCa" : "anotherCa";
    }

    private *byCommand<Result>(
        withinMs: number,
        { overMs }: ProbeSchedule,
        probe: (signal: AbortSignal) => Promise<Result>,
    ): Doing<Promise<unknown>, Result | "unreachable"> {
        const enoughMs = commandMs + overMs;
        try {
            return yield* wait(within(Math.min(withinMs, enoughMs), probe));
        } catch (error) {
            const late = isAbort(error) && withinMs < enoughMs;
            if (late || isRefused(error) || (isTransient(error) && !isAbort(error))) {
                throw error;
            }
            return this.unreachable("could not be asked by a command in the cluster", error);
        }
    }

    /** Reports once why the API server could not be asked. */
    private unreachable(what: string, error: unknown): "unreachable" {
        const { message: reason } = error as Error;
        if (reason !== this.lastReason) {
            const advice = error instanceof CommandNotRun && error.advice ? `. ${error.advice}` : "";
            this.tell(`The API server ${what}: ${advice ? reason.replace(/\.$/, "") : reason}${advice}`);
        }
        this.lastReason = reason;
        return "unreachable";
    }
}

/** Whether the identity lacks a right: what waiting does not mend, and what is to be told as such. */
function isRefused(error: unknown): boolean {
    return isRestError(error) && (error.statusCode === 401 || error.statusCode === 403);
}
