import { delimiter } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import pLimit from "p-limit";
import { clusterToken } from "../azure/cluster-token";
import type { FoundCluster } from "../azure/clusters";
import { explain } from "../azure/explain";
import { clusterId, fleetHub, parseClusterId } from "../formats/cluster-id";
import type { ClusterStatus, StatusReport } from "../formats/status";
import { shakeHands } from "../rotator/api-server";
import { readClusterRecord } from "../rotator/cluster-record";
import { within } from "../rotator/in-time";
import { byHand } from "./by-hand";
import {
    checkKubeconfig,
    mergeUserKubeconfigs,
    proxyUrlOf,
    readUserKubeconfig,
    type UserKubeconfig,
} from "./check-kubeconfig";
import { countProgress } from "./count-progress";
import { expiryTable } from "./expiry-table";
import type { Io } from "./io";
import { exitCodes, worst } from "./judge";
import { kubeconfigFiles, readKubeconfigFiles } from "./kubeconfig-list";
import { failedCluster, leftAlone, lookAtCluster, type Sources } from "./look-at-cluster";
import { formatResult, type OutputFormat, outputOption } from "./output";
import { reportWaiting } from "./report-waiting";
import { Session } from "./session";
import { checkStack, readStack, readStackOutputs, type StackCluster } from "./stack-outputs";
import { findSubscription } from "./subscription";
import { readTextFile } from "./text-file";
import { UsageError } from "./usage-error";
import { whatIsThere } from "./what-is-there";
import { type ClusterOptions, serverApplicationOption, withClusterOptions } from "./which-cluster";

/** Exit code where it is not known how the clusters are, as with wrong options: no monitoring is to take that for a warning. */
export const statusUnknown = exitCodes.unknown;

/** How many clusters are looked at at the same time. */
const atOnce = 20;

/** How long one question may take, in milliseconds. */
const azureMs = 60_000;
const apiServerMs = 5_000;

interface Options extends ClusterOptions {
    stack?: string;
    cwd: string;
    outputs?: string;
    kubeconfig?: string | true;
    recordNamespace: string;
    serverApplicationId?: string;
    apiServer: boolean;
    warnDays: number;
    criticalDays: number;
    output: OutputFormat;
}

const help = `
Which clusters: --cluster-id, or --resource-group with --name, is one; --resource-group alone all of it; --stack or
--outputs those of a Pulumi stack; nothing at all those of the subscription.

Exit codes, those of a monitoring plugin; of many states the one that comes first here:
  2 critical   a certificate has expired, or has --critical-days or fewer left; or the kubeconfig that was given, or the
               stack's, is not current
  1 warning    a certificate has --warn-days or fewer left; Azure's credentials are not (yet) those of the API server; or
               the one cluster that was named is not in the kubeconfig that was given
  3 unknown    a cluster or its API server could not be asked; wrong options; any other error
  0 ok         none of these

Examples:
  $ npx aks-certificate-rotation status
  $ npx aks-certificate-rotation status -g shop -n prod --kubeconfig
  $ npx aks-certificate-rotation status --stack production --warn-days 60 -o json
  $ pulumi stack output --json | npx aks-certificate-rotation status --outputs -`;

/**
 * Adds `status`: how clusters' certificates stand.
 *
 * @param exit is told the exit code
 */
export function addStatus(program: Command, io: Io, exit: (code: number) => void): void {
    withClusterOptions(program.command("status"))
        .summary("when certificates expire, and when they were rotated last")
        .description(
            "Tells when the certificates of clusters expire, and when and by which generation they were rotated last.",
        )
        .option("--stack <name>", "name of the Pulumi stack")
        .option("--cwd <folder>", "folder of the stack's project", ".")
        .option("--outputs <file>", 'what `pulumi stack output --json` printed, or "-" for standard input')
        .option(
            "--kubeconfig [file]",
            "tell whether this kubeconfig is current (default: that of KUBECONFIG, else ~/.kube/config)",
        )
        .option("--record-namespace <name>", "namespace of the ConfigMap with the rotation record", "default")
        .addOption(serverApplicationOption())
        .option(
            "--no-api-server",
            "ask Azure alone: neither the API server's certificate nor the record in the cluster",
        )
        .option("--warn-days <days>", "so many days left, or fewer, are a warning", wholeNumber, 30)
        .option("--critical-days <days>", "so many days left, or fewer, are critical", wholeNumber, 7)
        .addOption(outputOption())
        .addHelpText("after", help)
        .action(async (options: Options) => {
            const report = await makeReport(options, io);
            io.out(formatResult(report, options.output, (result) => expiryTable(result, io)));
            exit(exitCodes[report.state]);
        });
}

/** One cluster to look at; where it is not found yet, it is asked for. */
interface Target {
    names: Pick<FoundCluster, "subscriptionId" | "resourceGroupName" | "clusterName">;
    found?: FoundCluster;
    stack?: StackCluster;
}

async function makeReport(options: Options, io: Io): Promise<StatusReport> {
    refuseContradictions(options);
    const user = await readKubeconfig(options, io);
    const stack = await stackClusters(options, io);
    const session = await reportWaiting(io, "the cloud's metadata", () => Session.open(io.env));
    const targets: Target[] =
        stack?.map((one) => ({ names: one.names, stack: one })) ?? (await find(options, session, io));
    const progress = countProgress(io, "clusters", targets.length);
    const limit = pLimit(atOnce);
    const clusters = await reportWaiting(io, whatIsAsked(targets), () =>
        limit.map(targets, async (target) => {
            const status = await statusOf(target, session, options, io, user);
            progress.one();
            return status;
        }),
    );
    progress.end();
    const { warnDays, criticalDays } = options;
    return {
        status: 1,
        time: new Date(io.now()).toISOString(),
        state: worst(clusters.map(({ state }) => state)),
        warnDays,
        criticalDays,
        clusters: clusters.sort((one, other) => (one.clusterId < other.clusterId ? -1 : 1)),
    };
}

function whatIsAsked(targets: readonly Target[]): string {
    const [only] = targets;
    return targets.length === 1 && only !== undefined
        ? `Azure and the API server of ${only.names.resourceGroupName}/${only.names.clusterName}`
        : `Azure and the API servers of ${targets.length} clusters`;
}

/** Never fails: an error is the cluster's. */
async function statusOf(
    { names, found, stack }: Target,
    session: Session,
    options: Options,
    io: Io,
    user: UserSources,
): Promise<ClusterStatus> {
    const { clusters, signIn } = session.subscription(names.subscriptionId);
    const kind = options.admin ? "admin" : "user";
    const serverFqdn = options.publicFqdn ? "public" : undefined;
    const { resourceGroupName, clusterName } = names;
    const inWords = (error: unknown) => explain(error, { ...names, credentials: kind }, signIn, byHand);
    const failed = (error: string) =>
        failedCluster({ ...names, clusterId: clusterId(names.subscriptionId, resourceGroupName, clusterName) }, error);
    const hub = fleetHub(names);
    if (hub !== undefined) {
        // One of many is there since the subscription has it, and not since somebody asked for it.
        return found === undefined ? failed(hub) : leftAlone(found, hub.split("\n", 1)[0] ?? hub);
    }
    const sources: Sources = {
        kubeconfig: () =>
            within(azureMs, (signal) =>
                clusters.kubeconfig(resourceGroupName, clusterName, { kind, serverFqdn }, signal),
            ),
        apiServer: options.apiServer
            ? {
                  shakeHands: (azure) =>
                      within(apiServerMs, (signal) => shakeHands(azure, azure.caCertificate, signal)),
                  token: (plugin) =>
                      within(azureMs, (signal) => clusterToken(signIn, plugin, signal, options.serverApplicationId)),
                  record: (azure, caller) =>
                      within(apiServerMs, (signal) =>
                          readClusterRecord(azure, caller, options.recordNamespace, signal),
                      ).then(({ record }) => record),
              }
            : undefined,
        stackRecord: stack?.record,
        proxyUrl: user.proxyUrl,
        check: (azure, of) => user.check(azure, of) ?? (stack === undefined ? null : checkStack(stack, azure)),
        // Whoever names one cluster and a kubeconfig means that it is in there; of many, most people use a few.
        absent: options.clusterId !== undefined || options.name !== undefined ? "warning" : "ok",
        explain: inWords,
    };
    try {
        const cluster =
            found ?? (await within(azureMs, (signal) => clusters.look(resourceGroupName, clusterName, signal)));
        if (cluster === undefined) {
            const none = `There is no cluster "${clusterName}" in resource group "${resourceGroupName}".`;
            const other = await whatIsThere(names, session.cloud, signIn);
            return failed(other === undefined ? none : `${none}\n${other}`);
        }
        return await lookAtCluster(cluster, sources, options, io.now());
    } catch (error) {
        return failed(inWords(error));
    }
}

/** @throws Error that says what to change: where there is no list there is nothing to tell */
async function find(options: Options, session: Session, io: Io): Promise<Target[]> {
    const { resourceGroup, name } = options;
    if (options.clusterId !== undefined) {
        return [{ names: parseClusterId(options.clusterId) }];
    }
    const subscriptionId = await findSubscription(options.subscription, io);
    if (resourceGroup !== undefined && name !== undefined) {
        return [{ names: { subscriptionId, resourceGroupName: resourceGroup, clusterName: name } }];
    }
    const { clusters, signIn } = session.subscription(subscriptionId);
    try {
        const list = await reportWaiting(io, "Azure's list of clusters", () =>
            within(azureMs, (signal) => clusters.list(resourceGroup, signal)),
        );
        if (list.length === 0) {
            const where = resourceGroup === undefined ? "" : `resource group "${resourceGroup}" of `;
            throw new Error(`There is no AKS cluster in ${where}subscription ${subscriptionId}.`);
        }
        return list.map((found) => ({ names: found, found }));
    } catch (error) {
        const names = { subscriptionId, resourceGroupName: resourceGroup ?? "", clusterName: "" };
        throw new Error(explain(error, { ...names, credentials: "user" }, signIn, byHand));
    }
}

async function stackClusters({ stack, cwd, outputs }: Options, io: Io): Promise<StackCluster[] | undefined> {
    if (stack !== undefined) {
        const read = () => readStack(stack, cwd, io.env as NodeJS.ProcessEnv);
        return readStackOutputs(await reportWaiting(io, `pulumi stack output of ${stack}`, read));
    }
    if (outputs !== undefined) {
        return readStackOutputs(
            outputs === "-"
                ? await reportWaiting(io, "the outputs on standard input", io.stdin)
                : await readOutputs(outputs),
        );
    }
    return undefined;
}

/** What the kubeconfig that was given says of a cluster. */
type UserSources = Pick<Sources, "check" | "proxyUrl">;

async function readOutputs(file: string): Promise<string> {
    try {
        return await readTextFile(file);
    } catch (error) {
        throw new UsageError(
            `--outputs is "${file}", which cannot be read: ${(error as Error).message}. ` +
                "Give a file with what `pulumi stack output --json` prints.",
        );
    }
}

/** @throws Error that names the file, when one cannot be read, or none is there */
async function readKubeconfig({ kubeconfig }: Options, io: Io): Promise<UserSources> {
    if (kubeconfig === undefined) {
        return { check: () => null, proxyUrl: () => undefined };
    }
    const paths = kubeconfig === true ? kubeconfigFiles(io.env) : [kubeconfig];
    const files = await readKubeconfigFiles(paths);
    const there = files.flatMap(({ path, text }) => (text === undefined ? [] : { path, config: configIn(path, text) }));
    if (there.length === 0) {
        throw new Error(`The kubeconfig ${paths.join(delimiter)} cannot be read: there is no such file.`);
    }
    const source = there.map(({ path }) => path).join(delimiter);
    const config = mergeUserKubeconfigs(there.map((file) => file.config));
    return {
        check: (azure, { hosts }) => checkKubeconfig(config, source, azure, hosts, io.now()),
        proxyUrl: (azure, { hosts }) => proxyUrlOf(config, azure, hosts),
    };
}

function configIn(path: string, text: string): UserKubeconfig {
    try {
        return readUserKubeconfig(text);
    } catch (error) {
        throw new Error(`The kubeconfig ${path} cannot be read: ${(error as Error).message}.`);
    }
}

function refuseContradictions({
    clusterId,
    resourceGroup,
    name,
    subscription,
    stack,
    outputs,
    ...rest
}: Options): void {
    const scopes = Object.entries({ "--cluster-id": clusterId, "--stack": stack, "--outputs": outputs })
        .filter(([, value]) => value !== undefined)
        .map(([option]) => option);
    const parts = Object.entries({ "--resource-group": resourceGroup, "--name": name, "--subscription": subscription })
        .filter(([, value]) => value !== undefined)
        .map(([option]) => option);
    if (scopes.length > 1 || (scopes.length === 1 && parts.length > 0)) {
        throw new UsageError(
            `${[...scopes, ...parts].join(" and ")} name clusters in different ways: give one of them.`,
        );
    }
    if (name !== undefined && resourceGroup === undefined) {
        throw new UsageError("--name is a cluster in a resource group: give --resource-group too.");
    }
    if (rest.warnDays < rest.criticalDays) {
        throw new UsageError(
            `--warn-days (${rest.warnDays}) is below --critical-days (${rest.criticalDays}): no warning would ever come.`,
        );
    }
}

function wholeNumber(text: string): number {
    if (!/^\d+$/.test(text)) {
        throw new InvalidArgumentError("It must be a whole number of days, 0 or more.");
    }
    return Number(text);
}
