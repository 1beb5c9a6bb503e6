import type { Azure, ClusterDetails } from "../../azure/cluster";
import { neededActions, wordsOf } from "../../azure/explain";
import { clientCertificate, type Kubeconfig } from "../../formats/kubeconfig";
import { readClusterRecord } from "../cluster-record";
import { within } from "../in-time";
import type { ApiServerShows } from "../outside";
import type { Settings } from "../settings";
import type { ThroughCommand } from "../through-command";
import type { GetToken } from "../verify";
import { judgeApiServer } from "./api-server";
import { type Certificates, judgeCertificates } from "./certificates";
import { judgeClusterState } from "./cluster-state";
import { judgeDisruptionBudgets } from "./disruption-budgets";
import { type Finding, ok, type PreflightCheck, unknown } from "./finding";
import { judgeKubernetesVersion } from "./kubernetes-version";
import { listDisruptionBudgets } from "./list-disruption-budgets";
import { judgeNodePools } from "./node-pools";
import { judgeOtherOperation } from "./other-operation";
import { judgeOtherStack } from "./other-stack";
import { judgeRights } from "./rights";

/** How long one look of a preflight may take, in milliseconds, and so all of them together: they run side by side. */
export const lookMs = 15_000;

/** What is known of a cluster before a preflight. */
export interface Looked {
    provisioningState: string;
    stopped: boolean;
    details?: ClusterDetails | undefined;
    /** What the API server's certificate shows; undefined where it was not asked. */
    apiServer?: ApiServerShows | undefined;
    /** Undefined where they could not be read. */
    credentials: Kubeconfig | undefined;
    /** Why they could not be read, where that is known. */
    noCredentials?: Finding;
}

/** What a preflight needs to look further. */
export interface PreflightMeans {
    azure: Pick<Azure, "permissions" | "kubernetesVersions">;
    getToken: GetToken;
    /** How the cluster is asked by a command in it; undefined where no command is to be run. */
    through?: Pick<ThroughCommand, "disruptionBudgets"> | undefined;
}

/**
 * All checks before a rotation, side by side. A look that fails is a finding; it throws nothing.
 *
 * @param withinMs how long it may take in all
 * @param now milliseconds since 1970
 */
export async function preflight(
    { azure, getToken, through }: PreflightMeans,
    settings: Pick<Settings, "credentials" | "verify" | "verifyThrough" | "recordNamespace" | "stack">,
    { provisioningState, stopped, details, apiServer, credentials, noCredentials }: Looked,
    withinMs: number,
    now: number,
): Promise<Finding[]> {
    const ms = Math.min(lookMs, withinMs);
    const look = (check: PreflightCheck, act: (signal: AbortSignal) => Promise<Finding>, limit = ms) =>
        within(limit, act).catch((error: unknown) =>
            unknown(check, `it could not be looked at: ${wordsOf(error).replace(/\.$/, "")}`),
        );
    const notThere = (check: PreflightCheck, why: string) => async () => unknown(check, why);
    const throughCommand = settings.verifyThrough === "runCommand";
    const known = credentials ?? "the cluster's credentials could not be read";
    const described = details ?? "Azure did not describe the cluster";
    return Promise.all([
        look("rights", async (signal) =>
            judgeRights(
                await azure.permissions(signal),
                neededActions(settings.credentials, throughCommand && settings.verify !== "off"),
            ),
        ),
        credentials === undefined
            ? (noCredentials ?? unknown("credentials", "they could not be read"))
            : ok("credentials", `the cluster ${settings.credentials}'s can be read`),
        judgeClusterState({ provisioningState, stopped }),
        judgeOtherOperation(provisioningState, details?.nodePools ?? []),
        typeof described === "string" ? unknown("nodePools", described) : judgeNodePools(described.nodePools),
        look(
            "disruptionBudgets",
            typeof known === "string"
                ? notThere("disruptionBudgets", known)
                : stopped
                  ? notThere("disruptionBudgets", "the cluster is stopped")
                  : throughCommand && through === undefined
                    ? notThere("disruptionBudgets", "the API server is not asked from this machine (verifyThrough)")
                    : async (signal) =>
                          judgeDisruptionBudgets(
                              throughCommand && through !== undefined
                                  ? await through.disruptionBudgets(known, signal)
                                  : await listDisruptionBudgets(known, getToken, signal),
                          ),
            // A command begins with a pod that is to be scheduled.
            throughCommand ? withinMs : ms,
        ),
        look(
            "kubernetesVersion",
            typeof described === "string"
                ? notThere("kubernetesVersion", described)
                : async (signal) =>
                      judgeKubernetesVersion(
                          described.kubernetesVersion,
                          described.supportPlan,
                          await azure.kubernetesVersions(described.location, signal),
                      ),
        ),
        typeof known === "string"
            ? unknown("apiServer", known)
            : judgeApiServer(apiServer, {
                  server: known.server,
                  stopped,
                  verify: settings.verify,
                  throughCommand,
              }),
        typeof known === "string" ? unknown("certificates", known) : judgeCertificates(certificatesOf(known), now),
        look(
            "otherStack",
            typeof known === "string"
                ? notThere("otherStack", known)
                : stopped
                  ? notThere("otherStack", "the cluster is stopped")
                  : throughCommand
                    ? notThere("otherStack", "the API server is not asked from this machine (verifyThrough)")
                    : async (signal) => {
                          const caller = known.signIn === undefined ? known : { token: await getToken(known.signIn) };
                          const found = await readClusterRecord(
                              known,
                              caller,
                              settings.recordNamespace ?? "default",
                              signal,
                          );
                          return judgeOtherStack(found?.stack, settings.stack);
                      },
        ),
    ]);
}

function certificatesOf(credentials: Kubeconfig): Certificates {
    const client = clientCertificate(credentials);
    return [
        ...credentials.ca.map((certificate) => ({ name: "cluster CA", certificate })),
        ...(client === undefined ? [] : [{ name: "client certificate", certificate: client }]),
    ];
}
