import pRetry from "p-retry";
import type { OperationError } from "../azure/azure-errors";
import type { Azure, Start } from "../azure/cluster";
import { isTransient } from "../azure/explain";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import { type ClusterRecord, readClusterRecord } from "./cluster-record";
import { RotationController } from "./controller";
import { DirectVerifier } from "./direct-verifier";
import { drive, wait } from "./drive";
import { within } from "./in-time";
import { type Outage, OutageObserver } from "./outage";
import type { Doing, Outside, Question } from "./outside";
import type { Finding } from "./preflight/finding";
import { type Looked, preflight } from "./preflight/preflight";
import { beginningLine } from "./progress-lines";
import { RealSight } from "./real-sight";
import type { RotateSettings, Settings } from "./settings";
import type { Task } from "./task";
import { ThroughCommand } from "./through-command";
import type { Verification } from "./verification";
import type { GetToken } from "./verify";

/** How long one try to read the record in the cluster may take, in milliseconds. */
const CLUSTER_RECORD_TRY_MS = 2_000;

/** What a rotation needs from outside. */
export interface Means {
    azure: Pick<
        Azure,
        | "look"
        | "credentials"
        | "startRotation"
        | "operationError"
        | "runCommand"
        | "permissions"
        | "kubernetesVersions"
    >;
    getToken: GetToken;
    /** Ends this process when nobody would keep its result any more; called right before anything is changed. */
    assertParent: () => Promise<void>;
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
    task: Pick<Task, "command" | "intent" | "record">,
): Promise<RotationRecord> {
    const { record } = task;
    const outside = new RealOutside(means, settings, throughOf(settings, means));
    if (record !== undefined && record.generation < settings.generation) {
        means.tell(beginningLine(settings.generation));
    }
    try {
        return await drive(new RotationController(outside, { settings, ...task, beganAt: 0 }).run());
    } finally {
        await outside.close();
    }
}

/** How the API server is asked where the settings say that it is not to be asked from this machine. */
export function throughOf(
    { verifyThrough }: Pick<Settings, "verifyThrough">,
    { azure, getToken }: Pick<Means, "getToken"> & { azure: Pick<Azure, "runCommand"> },
): ThroughCommand | undefined {
    return verifyThrough === "runCommand" ? new ThroughCommand(azure, getToken) : undefined;
}

class RealOutside extends RealSight implements Outside<Promise<unknown>> {
    private outage: OutageObserver | undefined;
    private readonly direct: DirectVerifier;

    constructor(
        private readonly means: Means,
        private readonly settings: RotateSettings,
        private readonly commands: ThroughCommand | undefined,
    ) {
        super(means.azure, means.tell, commands);
        this.direct = new DirectVerifier(means.getToken);
    }

    *preflight(looked: Looked, withinMs: number): Doing<Promise<unknown>, Finding[]> {
        // Without a verification no command is run: the right to run one may not be there.
        const through = this.settings.verify === "off" ? undefined : this.commands;
        const onTokenAccepted = () => this.direct.noteAcceptedToken();
        const means = { ...this.means, through, onTokenAccepted };
        return yield* wait(preflight(means, this.settings, looked, withinMs, Date.now()));
    }

    *both<One, Other>(
        one: Doing<Promise<unknown>, One>,
        other: Doing<Promise<unknown>, Other>,
    ): Doing<Promise<unknown>, [One, Other]> {
        return yield* wait(Promise.all([drive(one), drive(other)]));
    }

    *clusterRecord(credentials: Kubeconfig, withinMs: number): Doing<Promise<unknown>, ClusterRecord> {
        const { recordNamespace = "default" } = this.settings;
        const readOnce = (signal: AbortSignal) =>
            within(CLUSTER_RECORD_TRY_MS, async (ended) => {
                const { signIn } = credentials;
                const caller = signIn === undefined ? credentials : { token: await this.means.getToken(signIn) };
                return readClusterRecord(credentials, caller, recordNamespace, AbortSignal.any([signal, ended]));
            });
        const isWorthIt = ({ error }: { error: unknown }) => isTransient(error);
        return yield* wait(
            within(withinMs, (signal) =>
                pRetry(() => readOnce(signal), {
                    retries: 2,
                    minTimeout: 200,
                    factor: 1,
                    signal,
                    shouldRetry: isWorthIt,
                }),
            ),
        );
    }

    *startRotation(withinMs: number): Doing<Promise<unknown>, Start> {
        yield* wait(this.means.assertParent());
        return yield* wait(within(withinMs, (signal) => this.means.azure.startRotation(signal)));
    }

    *operationError(operation: string, withinMs: number): Doing<Promise<unknown>, OperationError | undefined> {
        return yield* wait(within(withinMs, (signal) => this.means.azure.operationError(operation, signal)));
    }

    *verify(question: Question, withinMs: number): Doing<Promise<unknown>, Verification> {
        const { through } = this;
        return yield* wait(
            through === undefined
                ? this.direct.verify(question, withinMs)
                : within(withinMs, (signal) => through.verify(question, signal)),
        );
    }

    watchOutage(credentials: Kubeconfig): void {
        // A command a second would be too much to ask of a cluster.
        if (this.through === undefined) {
            this.outage ??= new OutageObserver(credentials);
            this.outage.start();
        }
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
