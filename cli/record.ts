import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { clusterToken } from "../azure/cluster-token";
import { explain } from "../azure/explain";
import { parseClusterId } from "../formats/cluster-id";
import { parseKubeconfig } from "../formats/kubeconfig";
import { readClusterRecord } from "../rotator/cluster-record";
import { within } from "../rotator/in-time";
import { byHand } from "./by-hand";
import type { Io } from "./io";
import { runPulumi } from "./pulumi";
import {
    chooseRotation,
    isIntentLost,
    putRecord,
    type Restored,
    restoredByHand,
    restoredFromState,
} from "./restore-record";
import { Session } from "./session";
import { intentIn, printedRecord, type RotationState, StackState } from "./stack-state";
import { wholeNumber } from "./whole-number";

const azureMs = 60_000;
const apiServerMs = 15_000;

interface Options {
    stack: string;
    cwd: string;
    clusterId?: string;
    fromCluster?: boolean;
    recordNamespace: string;
    admin?: boolean;
    fromVersion?: number;
    fromFile?: string;
    generation?: number;
    yes?: boolean;
}

const help = `
pulumi up has stopped since the rotation record is lost: the Command that has printed it is empty in the stack's state.
Where the record is taken from:

  (default)          the stack's outputs, which keep it when the Command is emptied
  --from-cluster     the ConfigMap aks-certificate-rotation in the cluster; signs in to Azure
  --from-version N   the state after an earlier update, by its number in \`pulumi stack history\` (Pulumi Cloud)
  --from-file FILE   what \`pulumi stack export\` printed earlier, or a state file of a file backend, also one of its history
  --generation N     by hand: the generation that was rotated, or adopted, last. No generation up to it rotates again; a
                     higher one does, unless the cluster has a new CA since it was asked for

Without --yes it prints the record that it would write, and writes nothing. With it the record, and the intent where that is
empty too, are put into the state by \`pulumi stack export\` and \`pulumi stack import\`; secrets stay encrypted. Run it while
no pulumi up runs. Nothing is rotated by it: the next pulumi up goes on from the record.

Examples:
  $ npx aks-certificate-rotation record restore --stack production
  $ npx aks-certificate-rotation record restore --stack production --from-cluster --yes
  $ npx aks-certificate-rotation record restore --stack production --generation 3 --yes

Exit codes: 0 done, or nothing to do; 1 an error; 2 wrong options.`;

/** Adds `record restore`: brings a lost rotation record back into a stack's state. */
export function addRecord(program: Command, io: Io): void {
    const record = program
        .command("record")
        .summary("restore a lost rotation record")
        .description("The rotation record.");
    record
        .command("restore")
        .summary("bring a lost rotation record back into a stack's state")
        .description("Brings a lost rotation record back into the state of a stack.")
        .requiredOption("--stack <name>", "name of the Pulumi stack")
        .option("--cwd <folder>", "folder of the stack's project", ".")
        .option("--cluster-id <id>", "ARM id of the cluster")
        .addOption(
            new Option("--from-cluster", "take it from the cluster").conflicts([
                "fromVersion",
                "fromFile",
                "generation",
            ]),
        )
        .option("--record-namespace <name>", "namespace of the ConfigMap with the rotation record", "default")
        .option("-a, --admin", "the cluster admin's credentials, not the cluster user's")
        .addOption(
            new Option("--from-version <number>", "take it from the state after that update")
                .argParser(wholeNumber)
                .conflicts(["fromFile", "generation"]),
        )
        .addOption(new Option("--from-file <path>", "take it from an earlier exported state").conflicts("generation"))
        .addOption(new Option("--generation <number>", "the generation that was rotated last").argParser(wholeNumber))
        .option("-y, --yes", "write it")
        .addHelpText("after", help)
        .action((options: Options) => restore(options, io));
}

async function restore(options: Options, io: Io): Promise<void> {
    const project = { cwd: resolve(options.cwd), env: io.env };
    const exportStack = (...args: string[]) =>
        runPulumi(["stack", "export", "--stack", options.stack, ...args], project).then(StackState.parse);
    const stack = await exportStack();
    const state = chooseRotation(stack.rotations, options.clusterId);
    const printed = printedRecord(state);
    if (printed !== undefined && !isIntentLost(state)) {
        io.err(`The rotation record of ${state.name} is in the state of stack ${options.stack}: nothing to restore.\n`);
        io.out(`${JSON.stringify(printed)}\n`);
        return;
    }
    const restored =
        printed === undefined
            ? await source(options, state, exportStack, io)
            : { record: printed, from: "the stack", intent: intentIn(state) };
    const { intentToo } = putRecord(state, restored);
    const { generation, outcome, finished } = restored.record;
    const what = `generation ${generation} (${outcome}, ${finished}), from ${restored.from}`;
    io.out(`${JSON.stringify(restored.record)}\n`);
    const parts = intentToo ? "its rotation record and its intent" : "its rotation record";
    if (options.yes !== true) {
        io.err(
            `${state.name} would get ${parts} back: ${what}. Nothing is written. Write it by the same command with --yes.\n`,
        );
        return;
    }
    await runPulumi(["stack", "import", "--stack", options.stack], project, stack.toString());
    io.err(`${state.name} has ${parts} back in the state of stack ${options.stack}: ${what}. Run pulumi up.\n`);
}

async function source(
    options: Options,
    state: RotationState,
    exportStack: (...args: string[]) => Promise<StackState>,
    io: Io,
): Promise<Restored> {
    const earlier = (from: StackState, name: string) => {
        const id = from.rotations.length > 1 ? state.clusterId : undefined;
        return restoredFromState(chooseRotation(from.rotations, id), name);
    };
    if (options.fromCluster) {
        return fromCluster(options, state, io);
    }
    if (options.fromVersion !== undefined) {
        return earlier(await exportStack("--version", String(options.fromVersion)), `version ${options.fromVersion}`);
    }
    if (options.fromFile !== undefined) {
        return earlier(StackState.parse(await readFile(options.fromFile, "utf8")), options.fromFile);
    }
    return options.generation === undefined
        ? restoredFromState(state, "the stack's outputs")
        : restoredByHand(state, options.generation, new Date(io.now()));
}

/** Reads the record that the cluster has of itself. */
async function fromCluster(options: Options, state: RotationState, io: Io): Promise<Restored> {
    if (state.clusterId === undefined) {
        throw new Error(
            `The state does not say in clear which cluster ${state.name} is of: give --from-file or --generation.`,
        );
    }
    const names = parseClusterId(state.clusterId);
    const { subscriptionId, resourceGroupName, clusterName } = names;
    const session = await Session.open(io.env);
    const { clusters, signIn } = session.subscription(subscriptionId);
    const credentials = options.admin ? "admin" : "user";
    let text: string;
    try {
        text = await within(azureMs, (signal) =>
            clusters.kubeconfig(resourceGroupName, clusterName, { kind: credentials }, signal),
        );
    } catch (error) {
        throw new Error(explain(error, { ...names, credentials }, signIn, byHand));
    }
    const kubeconfig = parseKubeconfig(text);
    const { signIn: plugin } = kubeconfig;
    const caller =
        plugin === undefined
            ? kubeconfig
            : { token: await within(azureMs, (signal) => clusterToken(signIn, plugin, signal)) };
    try {
        const { record } = await within(apiServerMs, (signal) =>
            readClusterRecord(kubeconfig, caller, options.recordNamespace, signal),
        );
        return { record, from: "the cluster" };
    } catch (error) {
        throw new Error(`The rotation record in the cluster cannot be read: ${(error as Error).message}.`);
    }
}
