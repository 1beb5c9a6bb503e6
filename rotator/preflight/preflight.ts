import type { X509Certificate } from "node:crypto";
import type { Azure, ClusterDetails } from "../../azure/cluster";
import { neededActions, wordsOf } from "../../azure/explain";
import { clientCertificate, type Kubeconfig } from "../../formats/kubeconfig";
import { ServerNotTrusted, shakeHands } from "../api-server";
import { type Authentication, authenticate } from "../authentication";
import { NoClusterRecord, readClusterRecord } from "../cluster-record";
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
    /** Why the API server cannot be reached, where that is known: a clause. */
    apiServerReason?: string | undefined;
    /** The API server's own certificate, where it was seen. */
    apiServerCertificate?: X509Certificate | undefined;
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
    /** Called when the API server has accepted a token of Microsoft Entra ID. */
    onTokenAccepted?: () => void;
}

/**
 * All checks before a rotation, side by side. A look that fails is a finding; it throws nothing.
 *
 * @param withinMs how long it may take in all
 * @param now milliseconds since 1970
 */
export async function preflight(
    { azure, getToken, through, onTokenAccepted }: PreflightMeans,
    settings: Pick<Settings, "credentials" | "verify" | "verifyThrough" | "recordNamespace" | "stack">,
    looked: Looked,
    withinMs: number,
    now: number,
): Promise<Finding[]> {
    const { provisioningState, stopped, details, credentials, noCredentials } = looked;
    const ms = Math.min(lookMs, withinMs);
    const look = (check: PreflightCheck, act: (signal: AbortSignal) => Promise<Finding>, limit = ms) =>
        within(limit, act).catch((error: unknown) =>
            unknown(check, `it could not be looked at: ${wordsOf(error).replace(/\.$/, "")}`),
        );
    const notThere = (check: PreflightCheck, why: string) => async () => unknown(check, why);
    const throughCommand = settings.verifyThrough === "runCommand";
    const known = credentials ?? "the cluster's credentials could not be read";
    const described = details ?? "Azure did not describe the cluster";
    const isAsked = looked.apiServer === "sameCa" || looked.apiServer === "anotherCa";
    const asked =
        credentials === undefined || throughCommand || !isAsked
            ? undefined
            : askApiServer(credentials, getToken, ms).then((answer) => {
                  if (credentials.signIn !== undefined && answer.authentication === "authenticated") {
                      onTokenAccepted?.();
                  }
                  return answer;
              });
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
            : look(
                  "apiServer",
                  async () =>
                      judgeApiServer(looked.apiServer, {
                          server: known.server,
                          reason: looked.apiServerReason,
                          stopped,
                          verify: settings.verify,
                          throughCommand,
                          authentication: (await asked)?.authentication,
                      }),
                  ms + graceMs,
              ),
        typeof known === "string"
            ? unknown("certificates", known)
            : look(
                  "certificates",
                  async () =>
                      judgeCertificates(
                          certificatesOf(known, looked.apiServerCertificate ?? (await asked)?.certificate),
                          now,
                      ),
                  ms + graceMs,
              ),
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
                          ).catch((error: Error) => {
                              if (error instanceof NoClusterRecord) {
                                  return undefined;
                              }
                              throw error;
                          });
                          return judgeOtherStack(found?.stack, settings.stack);
                      },
        ),
    ]);
}

/** What two checks need from the API server ends itself, a little before they do. */
const graceMs = 250;

interface ApiServerAnswer {
    /** Its certificate, where it could be read. */
    certificate?: X509Certificate;
    /** What it says of the credentials; an Error where there was no answer. */
    authentication: Authentication | Error;
}

/** Asks the API server for its certificate, and whether it accepts the credentials. Never fails. */
async function askApiServer(credentials: Kubeconfig, getToken: GetToken, withinMs: number): Promise<ApiServerAnswer> {
    let certificate: X509Certificate | undefined;
    try {
        return await within(withinMs, async (signal) => {
            const { caCertificate, signIn } = credentials;
            const handshake = await shakeHands(credentials, caCertificate, signal);
            ({ certificate } = handshake);
            if (!handshake.trusted) {
                throw new ServerNotTrusted(handshake.reason ?? "for no known reason");
            }
            const caller = signIn === undefined ? credentials : { token: await getToken(signIn) };
            return { certificate, authentication: await authenticate(credentials, caCertificate, caller, signal) };
        });
    } catch (error) {
        return { certificate, authentication: error as Error };
    }
}

function certificatesOf(credentials: Kubeconfig, apiServer: X509Certificate | undefined): Certificates {
    const client = clientCertificate(credentials);
    return [
        ...credentials.ca.map((certificate) => ({ name: "cluster CA", certificate })),
        ...(apiServer === undefined ? [] : [{ name: "API server's certificate", certificate: apiServer }]),
        ...(client === undefined ? [] : [{ name: "client certificate", certificate: client }]),
    ];
}
