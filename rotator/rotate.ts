import type { Azure, Start } from "../azure/cluster";
import type { Intent } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import { drive, wait } from "./drive";
import { within } from "./in-time";
import { Loop, rules } from "./loop";
import { type Outage, OutageObserver } from "./outage";
import type { Doing, Outside, Question } from "./outside";
import type { Finding } from "./preflight/finding";
import { type Looked, preflight } from "./preflight/preflight";
import { RealSight } from "./real-sight";
import type { RotateSettings } from "./settings";
import type { Verification } from "./verification";
import { type GetToken, verifyCredentials, verifyRotation } from "./verify";

/** What a rotation needs from outside. */
export interface Means {
    azure: Pick<
        Azure,
        "look" | "credentials" | "startRotation" | "operationError" | "permissions" | "kubernetesVersions"
    >;
    getToken: GetToken;
    /** Ends this process when nobody would keep its result any more; called right before anything is changed. */
    assertParent: () => void;
    tell: (line: string) => void;
}

/**
 * Brings the cluster to the generation, with the real Azure, API server and clock. The timeout counts from the start of
 * this process.
 *
 * @throws Error whose message says what happened, what state the cluster is in and what to do; RestError,
 * AuthenticationError, TimeoutError
 */
export async function rotate(
    means: Means,
    settings: RotateSettings,
    intent: Intent,
    record: RotationRecord | undefined,
): Promise<RotationRecord> {
    const outside = new RealOutside(means, settings);
    try {
        return await drive(new Loop(outside, { settings, intent, record, beganAt: 0 }, rules).finish());
    } finally {
        await outside.close();
    }
}

class RealOutside extends RealSight implements Outside<Promise<unknown>> {
    private outage: OutageObserver | undefined;

    constructor(
        private readonly means: Means,
        private readonly settings: RotateSettings,
    ) {
        super(means.azure, means.tell);
    }

    *preflight(looked: Looked, withinMs: number): Doing<Promise<unknown>, Finding[]> {
        return yield* wait(preflight(this.means, this.settings, looked, withinMs, Date.now()));
    }

    *startRotation(withinMs: number): Doing<Promise<unknown>, Start> {
        this.means.assertParent();
        return yield* wait(within(withinMs, (signal) => this.means.azure.startRotation(signal)));
    }

    *operationError(operation: string, withinMs: number): Doing<Promise<unknown>, string | undefined> {
        return yield* wait(within(withinMs, (signal) => this.means.azure.operationError(operation, signal)));
    }

    *verify({ rotated, now, before }: Question, withinMs: number): Doing<Promise<unknown>, Verification> {
        const { getToken } = this.means;
        return yield* wait(
            within(withinMs, (signal) =>
                rotated ? verifyRotation(now, before, getToken, signal) : verifyCredentials(now, getToken, signal),
            ),
        );
    }

    watchOutage(credentials: Kubeconfig): void {
        this.outage ??= new OutageObserver(credentials);
        this.outage.start();
    }

    get serverAnswers(): boolean | undefined {
        return this.outage?.answers;
    }

    *endOutage(): Doing<Promise<unknown>, Outage | null> {
        return (yield* wait(this.close())) ?? null;
    }

    /** Ends what still runs. */
    async close(): Promise<Outage | null | undefined> {
        return this.outage?.stop();
    }
}
