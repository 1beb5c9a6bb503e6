import { setTimeout as sleep } from "node:timers/promises";
import type { RunCommandResult } from "@azure/arm-containerservice";
import type { ContainerServiceContext } from "@azure/arm-containerservice/api";
import { getCommandResult, runCommand } from "@azure/arm-containerservice/api/managedClusters";
import { isRestError } from "@azure/core-rest-pipeline";
import type { ClusterNames } from "./cluster-names";
import { retryAfterSeconds } from "./retry-after";

/** What a command in a cluster came to. */
export interface CommandOutcome {
    exitCode: number;
    /** What it has written. */
    logs: string;
}

/** AKS could not run a command: there is no room for its pod, say. */
export class CommandNotRun extends Error {}

/** How long to wait between two looks at a command, in milliseconds, where Azure does not say. */
const paceMs = 1000;

/**
 * Runs a shell command in a pod of the cluster by AKS's runCommand, and waits for its end.
 *
 * @param once a client that sends nothing twice, for the request to run it: AKS may take long to answer it
 * @param reads a client for the questions what has come of it
 * @param clusterToken for a cluster with Microsoft Entra ID: the token of the user as whom it runs
 * @throws CommandNotRun when AKS could not run it; RestError when Azure refuses, AuthenticationError
 */
export async function runInCluster(
    { once, reads }: { once: ContainerServiceContext; reads: ContainerServiceContext },
    { resourceGroupName, clusterName }: ClusterNames,
    { command, clusterToken }: { command: string; clusterToken: string | undefined },
    abortSignal: AbortSignal,
): Promise<CommandOutcome> {
    let headers: { get(name: string): string | undefined } | undefined;
    const options = {
        abortSignal,
        onResponse: (response: { headers: { get(name: string): string | undefined } }) => {
            headers = response.headers;
        },
    };
    // Only asked for, and not waited for: the SDK's own poller would take a command that could not be run for one that was.
    const poller = runCommand(once, resourceGroupName, clusterName, { command, clusterToken }, options);
    try {
        await poller.submitted();
    } catch (error) {
        // How AKS says that the pod did not start; asked again at once it would not start either.
        throw isRestError(error) && error.code === "KubernetesOperationError"
            ? new CommandNotRun(error.message)
            : error;
    }
    // The API documents a 200 with the result beside the 202 with a Location.
    let result: Partial<RunCommandResult> = (poller.isDone ? poller.result : undefined) ?? {};
    const id = /\/commandResults\/(\w+)/i.exec(headers?.get("location") ?? "")?.[1] ?? result.id?.split("/").at(-1);
    for (let hasLooked = false; ; hasLooked = true) {
        switch (result.provisioningState) {
            case "Succeeded":
                return { exitCode: result.exitCode ?? 0, logs: result.logs ?? "" };
            case "Failed":
            case "Canceled":
                throw new CommandNotRun(
                    `AKS could not run a command in the cluster: ${result.reason || result.provisioningState}`,
                );
        }
        if (id === undefined) {
            throw new CommandNotRun("Azure did not say where the result of the command will be");
        }
        if (hasLooked) {
            const seconds = retryAfterSeconds(headers?.get("retry-after"), Date.now());
            await sleep(seconds === undefined ? paceMs : seconds * 1000, undefined, { signal: abortSignal });
        }
        // Undefined as long as it runs, whatever the SDK's types say.
        result = (await getCommandResult(reads, resourceGroupName, clusterName, id, options)) ?? {};
    }
}
