import { setImmediate } from "node:timers/promises";
import { type Cloud, findCloud } from "../azure/cloud";
import { Azure } from "../azure/cluster";
import { explain } from "../azure/explain";
import { chooseSignIn, type SignIn } from "../azure/sign-in";
import { fitIntent, keepIntent, parseIntent } from "../formats/intent";
import { fitRecord, parseRecord } from "../formats/record";
import { initialState } from "./attempt-state";
import { refuseSkippedCheckpoints } from "./checkpoints";
import { tokenSource } from "./cluster-tokens";
import { drive } from "./drive";
import { engineArguments, engineFindings, refuseUpdatePlan } from "./engine";
import { lostMessage } from "./lost-message";
import { Parent } from "./parent";
import { findingsBeforehand } from "./preflight/beforehand";
import { fitFindings } from "./preflight/finding";
import { printable } from "./printable-result";
import { RealSight } from "./real-sight";
import { remainingRecord } from "./remaining-record";
import { rotate, throughOf } from "./rotate";
import { LOG_FILE_VARIABLE } from "./safe-environment";
import { readRotateSettings, readSettings, readSnapshotSeconds, type Settings } from "./settings";
import { staySmall } from "./small";
import { snapshot } from "./snapshot";
import { StandardStreams } from "./standard-streams";
import { brokenOffLine } from "./stop-message";
import { unexpected } from "./unexpected-error";

const streams = new StandardStreams(process.env);
const log = (line: string) => streams.log.log(line);

const help = `aks-certificate-rotation rotator: what the component CertificateRotation runs, as a Command.

  node rotator.js snapshot   print the intent: what is true of the cluster before anything is done
  node rotator.js adopt      print a rotation record of the cluster as it is; rotates nothing
  node rotator.js rotate     rotate the cluster if its generation asks for it, verify, print the rotation record

  node rotator.js preflight  print what stands against a rotation, and what could not be looked at; changes nothing

Standard output is one JSON document, standard error is progress. Neither holds a secret, and each is 16 KiB at most.

Environment:
  AKS_ROTATION_SUBSCRIPTION_ID, AKS_ROTATION_RESOURCE_GROUP, AKS_ROTATION_CLUSTER
  AKS_ROTATION_GENERATION              whole number; a rotation happens only above the record's
  AKS_ROTATION_CREDENTIALS             user | admin
  AKS_ROTATION_FORMAT                  exec | azure: of a kubeconfig with Microsoft Entra ID; may be left out
  AKS_ROTATION_SERVER_FQDN             public | private; may be left out
  AKS_ROTATION_VERIFY                  required | bestEffort | off
  AKS_ROTATION_VERIFY_THROUGH          direct | runCommand; default direct
  AKS_ROTATION_SERVER_APPLICATION_ID   application that cluster tokens are for; default the AKS server application
  AKS_ROTATION_RECORD_NAMESPACE        of the ConfigMap with the rotation record; default default
  AKS_ROTATION_STACK                   project/stack of the Pulumi program; may be left out
  AKS_ROTATION_TIMEOUT_SECONDS         for all of it; default 120 for snapshot, which never takes longer
  AKS_ROTATION_SETTLE_TIMEOUT_SECONDS  for the credentials to follow        (adopt, rotate)
  AKS_ROTATION_PREFLIGHT               required (default) | warn | off      (rotate)
  AKS_ROTATION_INTENT                  what snapshot printed                (adopt, rotate)
  PULUMI_COMMAND_STDOUT                the previous intent or record        (snapshot, rotate)
  ARM_*, AZURE_*                       the sign-in to Azure, as azure-native reads it: docs/sign-in.md has them all
  HTTPS_PROXY, NO_PROXY                the way to Azure and to the API server, by the rules of azure-native and kubectl
  NODE_EXTRA_CA_CERTS, SSL_CERT_FILE   more CAs to trust
  AKS_ROTATION_LOG_FILE                file that gets what the Azure SDK logs, appended, mode 0600: it can hold secrets.
                                       AZURE_LOG_LEVEL says how much: error, warning, info (default), verbose.
                                       Without it AZURE_LOG_LEVEL does nothing

NODE_DEBUG, DEBUG and options in NODE_OPTIONS that load code, open a debugger or print are left out of account; options for
memory, CAs, TLS and name resolution stay.

Exit codes: 0 done, 1 an error, described on standard error, 130 interrupted.`;

const COMMANDS = ["snapshot", "adopt", "rotate", "preflight"] as const;

function isCommand(text: string | undefined): text is (typeof COMMANDS)[number] {
    return COMMANDS.some((command) => command === text);
}

/** How long the metadata of a cloud may take, in milliseconds, if the timeout leaves as much. */
const metadataMs = 30_000;

/** How long a preflight for a preview may take, in milliseconds: nobody waits for it longer than for a few seconds. */
const previewMs = 8_000;

async function main(command: string | undefined): Promise<object | string> {
    if (command === "--help" || command === "-h" || command === "help") {
        return help;
    }
    if (!isCommand(command)) {
        throw new Error(command ? `"${command}" is not a command: ${COMMANDS.join(", ")}; see --help.` : help);
    }
    const logFile = process.env[LOG_FILE_VARIABLE];
    if (logFile) {
        streams.keepOthersIn(logFile);
    }
    const parent = new Parent();
    parent.watch(() => process.exit(1));
    const previous = process.env.PULUMI_COMMAND_STDOUT;
    if (command === "snapshot") {
        const settings = readSettings(process.env);
        const before = previous ? parseIntent(previous) : undefined;
        const deadline = readSnapshotSeconds(process.env) * 1000;
        return withAzure(settings, deadline, async (azure, signIn) => {
            const through = throughOf(settings, { azure, getToken: tokenSource(signIn, settings) });
            const sight = new RealSight(azure, log, through);
            return fitIntent(
                await drive(snapshot(sight, settings, before, keepIntent, (deadline - sight.now()) / 1000)),
            );
        });
    }
    if (command === "preflight") {
        const settings = readSettings(process.env);
        const byEngine = engineFindings(engineArguments(), process.env);
        const isOff = process.env.AKS_ROTATION_PREFLIGHT === "off";
        const ofCluster = isOff ? [] : await findingsBeforehand(settings, process.env, previewMs);
        return { findings: fitFindings([...byEngine, ...ofCluster]) };
    }
    if (command === "rotate") {
        refuseSkippedCheckpoints(process.env);
    }
    const lost = lostMessage(readSettings(process.env), {
        record: command === "rotate" && !previous,
        intent: !process.env.AKS_ROTATION_INTENT,
    });
    if (lost !== undefined) {
        throw new Error(lost);
    }
    const settings = readRotateSettings(process.env);
    const intent = parseIntent(settings.intent);
    const record = command === "rotate" && previous ? parseRecord(previous) : undefined;
    const known = record ?? remainingRecord(intent, undefined, settings);
    if (known !== undefined && settings.generation > known.generation) {
        // A Command that is created anew rotates too where its record was lost.
        refuseSkippedCheckpoints(process.env);
        refuseUpdatePlan(engineArguments());
    }
    return withAzure(settings, settings.timeoutSeconds * 1000, async (azure, signIn) => {
        const means = {
            azure,
            tell: log,
            getToken: tokenSource(signIn, settings),
            assertParent: async () => {
                // That nobody reads any more what was told just now is known one turn of the event loop later.
                await setImmediate();
                if (parent.wasGone || !parent.isAlive) {
                    streams.abort(
                        "Azure was not asked: what started this program has ended, and its result would be lost.",
                    );
                }
            },
        };
        return fitRecord(await rotate(means, settings, { command, intent, record }));
    });
}

/** @param deadline milliseconds since this process began */
async function withAzure<T>(
    settings: Settings,
    deadline: number,
    act: (azure: Azure, signIn: SignIn) => Promise<T>,
): Promise<T> {
    const left = Math.max(1, Math.round(Math.min(metadataMs, deadline - performance.now())));
    const { cloud, signIn } = await wayToAzure(settings, AbortSignal.timeout(left)).catch((error) => {
        log(brokenOffLine(initialState, undefined));
        throw error;
    });
    try {
        return await act(new Azure(settings, cloud, signIn), signIn);
    } catch (error) {
        throw new Error(explain(error, settings, signIn));
    }
}

async function wayToAzure(
    { subscriptionId }: Settings,
    signal: AbortSignal,
): Promise<{ cloud: Cloud; signIn: SignIn }> {
    const cloud = await findCloud(process.env, signal);
    return { cloud, signIn: chooseSignIn(process.env, cloud, subscriptionId) };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
        streams.abort(
            "Interrupted. If Azure is rotating the cluster it goes on by itself; the next pulumi up picks it up, " +
                "and does not rotate a second time.",
            130,
        );
    });
}

process.on("uncaughtException", (error) => streams.abort(unexpected(error)));

staySmall();
main(process.argv[2]).then(
    (result) => streams.succeed(typeof result === "string" ? `${result}\n` : printable(result)),
    (error: Error) => streams.fail(error.message),
);
