import { setTimeout as sleep } from "node:timers/promises";
import type { RunCommandResult } from "@azure/arm-containerservice";
import type { ContainerServiceContext } from "@azure/arm-containerservice/api";
import { getCommandResult, runCommand } from "@azure/arm-containerservice/api/managedClusters";
import { isRestError, type RestError } from "@azure/core-rest-pipeline";
import pRetry from "p-retry";
import { armErrorParts, bodyOf, shorten } from "./arm-error";
import { classifyOperationError } from "./azure-errors";
import type { ClusterNames } from "./cluster-names";
import { isAbort, isTransient } from "./explain";
import { retryAfterSeconds } from "./retry-after";
import { ServiceUnavailable } from "./transient";

/** What a command in a cluster came to. */
export interface CommandOutcome {
    exitCode: number;
    /** What it has written. */
    logs: string;
}

/** AKS could not run a command: there is no room for its pod, say. */
export class CommandNotRun extends Error {
    /** What to do about it: full sentences. */
    readonly advice: string | undefined;

    /** @param reason AKS's words, which decide the advice; default: the message */
    constructor(message: string, { reason = message, cause }: { reason?: unknown; cause?: unknown } = {}) {
        super(message, { cause });
        this.advice = classifyOperationError(reason).advice;
    }
}

/**
 * AKS's runCommand answers with an error of the service (5xx). It can pass, but it can also last, as where a webhook of the
 * cluster is broken: it is no sign that the API server cannot be reached, and nothing to wait for without end.
 */
export class RunCommandUnavailable extends ServiceUnavailable {
    override readonly name = "RunCommandUnavailable";

    constructor(
        readonly statusCode: number,
        cause: RestError,
    ) {
        const { text } = classifyOperationError(bodyOf(cause));
        super(`AKS's runCommand answered ${statusCode}: ${text}`, { cause });
    }
}

/** Azure's answer to the request to run a command does not say where the result will be. */
class NoPlaceOfResult extends CommandNotRun {
    constructor() {
        super("Azure did not say where the result of the command will be");
    }
}

/** A lost answer: the command is sent again, since all that it does is to look. */
const tries = { retries: 2, minTimeout: 500, factor: 1 };

/** How long to wait between two looks at a command, in milliseconds, where Azure does not say. */
const paceMs = 1000;

/**
 * Runs a shell command in a pod of the cluster by AKS's runCommand, and waits for its end. Where the answer is lost it is
 * run again: only for commands that change nothing.
 *
 * @param once a client that sends nothing twice, for the request to run it: AKS may take long to answer it, and an error
 * that it answers with would come again
 * @param reads a client for the questions what has come of it
 * @param clusterToken for a cluster with Microsoft Entra ID: the token of the user as whom it runs
 * @throws CommandNotRun when AKS could not run it; RunCommandUnavailable when it answers 5xx; RestError when Azure refuses,
 * AuthenticationError
 */
export async function runInCluster(
    { once, reads }: { once: ContainerServiceContext; reads: ContainerServiceContext },
    { resourceGroupName, clusterName }: ClusterNames,
    { command, clusterToken }: { command: string; clusterToken: string | undefined },
    abortSignal: AbortSignal,
): Promise<CommandOutcome> {
    let headers: Headers | undefined;
    const options = {
        abortSignal,
        onResponse: (response: { headers: Headers }) => {
            headers = response.headers;
        },
    };
    const submit = async (): Promise<Partial<RunCommandResult>> => {
        // Only asked for, and not waited for: the SDK's own poller would take a command that could not be run for one that was.
        const poller = runCommand(
            once,
            resourceGroupName,
            clusterName,
            { command, clusterToken },
            {
                abortSignal,
                onResponse: (response) => {
                    headers = response.headers;
                    if (response.status === 202 && !headers.get("location")) {
                        throw new NoPlaceOfResult();
                    }
                },
            },
        );
        await poller.submitted();
        // The API documents a 200 with the result beside the 202 with a Location.
        return (poller.isDone ? poller.result : undefined) ?? {};
    };
    let result: Partial<RunCommandResult> = await pRetry(submit, {
        ...tries,
        signal: abortSignal,
        shouldRetry: ({ error }) => isLost(error),
    }).catch(asNotRun);
    const id = /\/commandResults\/(\w+)/i.exec(headers?.get("location") ?? "")?.[1] ?? result.id?.split("/").at(-1);
    for (let hasLooked = false; ; hasLooked = true) {
        switch (result.provisioningState) {
            case "Succeeded":
                return { exitCode: result.exitCode ?? 0, logs: result.logs ?? "" };
            case "Failed":
            case "Canceled":
                throw new CommandNotRun(
                    `AKS could not run a command in the cluster: ${shorten(result.reason || result.provisioningState)}`,
                    { reason: result.reason },
                );
        }
        if (id === undefined) {
            throw new NoPlaceOfResult();
        }
        if (hasLooked) {
            const seconds = retryAfterSeconds(headers?.get("retry-after"), Date.now());
            await sleep(seconds === undefined ? paceMs : seconds * 1000, undefined, { signal: abortSignal });
        }
        // Undefined as long as it runs, whatever the SDK's types say.
        result = (await getCommandResult(reads, resourceGroupName, clusterName, id, options).catch(asNotRun)) ?? {};
    }
}

interface Headers {
    get(name: string): string | undefined;
}

/** Codes with which AKS says that the pod of a command was not made, or did not start: asked again at once it would not either. */
const NOT_RUN = new Set(["KubernetesOperationError", "KubernetesPerformanceError"]);

/** @throws CommandNotRun, RunCommandUnavailable; the error itself where it is neither */
function asNotRun(error: unknown): never {
    if (!isRestError(error)) {
        throw error;
    }
    const parts = armErrorParts(bodyOf(error));
    if (parts.some(({ code = "" }) => NOT_RUN.has(code))) {
        const { text } = classifyOperationError(bodyOf(error));
        throw new CommandNotRun(text, { reason: bodyOf(error), cause: error });
    }
    throw error.statusCode !== undefined && error.statusCode >= 500
        ? new RunCommandUnavailable(error.statusCode, error)
        : error;
}

/** Whether there was no answer, or half of one. */
function isLost(error: Error): boolean {
    const isUnanswered = isRestError(error) && error.statusCode === undefined && isTransient(error);
    return error instanceof NoPlaceOfResult || (isUnanswered && !isAbort(error));
}
