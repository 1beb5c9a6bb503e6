import type { X509Certificate } from "node:crypto";
import { isRestError } from "@azure/core-rest-pipeline";
import type { Azure } from "../azure/cluster";
import { certificatesIn } from "../formats/certificate";
import { clientCertificate, type Kubeconfig } from "../formats/kubeconfig";
import type { Check } from "../formats/record";
import {
    askingScript,
    budgetsCall,
    budgetsScript,
    type CallAnswer,
    clientCaCall,
    readAnswers,
    readBudgets,
    readTrial,
    type Trial,
    type TriedCa,
} from "./command-script";
import type { Question } from "./outside";
import type { DisruptionBudget } from "./preflight/list-disruption-budgets";
import { type CaMatch, type ProbeSchedule, type ServerCa, SINGLE_PROBE, THOROUGH_PROBE } from "./probe-server-ca";
import { CheckFailed, recordOldCa, type Verification } from "./verification";
import type { GetToken } from "./verify";

/**
 * Asks a cluster's API server by AKS's runCommand, a command in a pod of the cluster, for where it cannot be reached from
 * this machine. Neither the command nor its output holds a secret; where the cluster has Microsoft Entra ID, AKS demands
 * the user's token beside the command.
 */
export class ThroughCommand {
    constructor(
        private readonly azure: Pick<Azure, "runCommand">,
        private readonly getToken: GetToken,
        /** The connections on which the old CA is tried. */
        private readonly schedule: ProbeSchedule = THOROUGH_PROBE,
    ) {}

    /**
     * Compares the CA of the API server's certificate with the credentials' and the intent's. Each kubectl is a new
     * connection; the schedule is that of the connections that are compared with the intent.
     *
     * @param intentCa the CA that the intent has recorded; undefined where there is none
     * @throws Error when it could not be asked; RestError
     */
    async probeServerCa(
        credentials: Kubeconfig,
        intentCa: readonly X509Certificate[] | undefined,
        schedule: ProbeSchedule,
        signal: AbortSignal,
    ): Promise<ServerCa> {
        const compared = intentCa?.length ? intentCa : undefined;
        const cas = {
            now: { ca: credentials.ca, schedule: SINGLE_PROBE },
            ...(compared && { intent: { ca: compared, schedule } }),
        };
        const answers = await this.ask(credentials, cas, false, signal);
        return {
            credentials: caMatch(answersOf(answers, "now", 1)),
            intent: compared && caMatch(answersOf(answers, "intent", schedule.connections)),
        };
    }

    /**
     * Checks a rotation, or credentials, as far as it can be done so: which CA verifies the API server's certificate, and
     * whether it accepts client certificates of the new CA, by the list of CAs that it keeps in the cluster.
     *
     * @throws CheckFailed when an answer is the wrong one; Error when there is no answer
     */
    async verify({ rotated, now, before }: Question, signal: AbortSignal): Promise<Verification> {
        const old = certificatesIn(before.caCertificate ?? "");
        const hasClient = now.client !== undefined;
        const cas = {
            now: { ca: now.ca, schedule: SINGLE_PROBE },
            ...(rotated && old.length > 0 && { before: { ca: old, schedule: this.schedule } }),
        };
        const answers = await this.ask(now, cas, hasClient, signal);
        const verified: Check[] = rotated ? ["provisioningState", "caChanged"] : [];
        const result: Verification = {
            verified,
            notVerified: [],
            apiServerCertificate: null,
            verifiedThrough: "runCommand",
        };
        const trial = readTrial(answerOf(answers, "now.1"));
        if (!trial.trusted) {
            const why = `the cluster CA does not verify the API server's certificate (${trial.reason})`;
            if (rotated || !trial.expired) {
                throw new CheckFailed(why);
            }
            const expired = (["newCaAccepted", "newCredentialsAccepted"] as const).map((check) => ({
                check,
                reason: why,
            }));
            return { ...result, notVerified: expired };
        }
        verified.push("newCaAccepted");
        if (rotated) {
            const oldTrials =
                old.length > 0 ? answersOf(answers, "before", this.schedule.connections).map(readTrial) : [];
            // The new CA alone verifies it, so what is refused otherwise than as unknown is the old CA itself, for its age.
            if (!oldTrials.every((old) => !old.trusted && old.unknownAuthority)) {
                throw new CheckFailed("the API server still has a certificate that the old CA verifies");
            }
            recordOldCa(result, old.length > 0 ? false : undefined);
        }
        const clientCa = hasClient ? clientCaOf(answerOf(answers, clientCaCall)) : undefined;
        checkNewClient(result, now, clientCa);
        if (rotated) {
            checkOldClient(result, before.credentials, clientCa);
        }
        return result;
    }

    /**
     * The pod disruption budgets that let no pod be evicted now.
     *
     * @throws Error when they could not be listed; RestError
     */
    async disruptionBudgets(credentials: Kubeconfig, signal: AbortSignal): Promise<DisruptionBudget[]> {
        const answers = await this.run(budgetsScript(), credentials, signal);
        return readBudgets(answerOf(answers, budgetsCall));
    }

    private ask(
        credentials: Kubeconfig,
        cas: Record<string, TriedCa>,
        withClientCa: boolean,
        signal: AbortSignal,
    ): Promise<Record<string, CallAnswer>> {
        return this.run(askingScript(credentials, cas, withClientCa), credentials, signal);
    }

    private async run(
        script: string,
        { signIn }: Kubeconfig,
        signal: AbortSignal,
    ): Promise<Record<string, CallAnswer>> {
        const withToken = async () => this.azure.runCommand(script, await this.getToken(signIn ?? {}), signal);
        const { logs } = await (signIn === undefined
            ? this.azure.runCommand(script, undefined, signal).catch((error) => {
                  // A cluster that has local accounts beside Microsoft Entra ID wants it too.
                  if (isRestError(error) && error.code === "MissingAADClusterToken") {
                      return withToken();
                  }
                  throw error;
              })
            : withToken());
        return readAnswers(logs);
    }
}

/** The certificates of the client CA, or why they could not be read. */
type ClientCa = { certificates: X509Certificate[] } | { reason: string };

function clientCaOf({ exitCode, text }: CallAnswer): ClientCa {
    const certificates = exitCode === 0 ? certificatesIn(text) : [];
    return certificates.length > 0
        ? { certificates }
        : { reason: `which client certificates the API server accepts could not be read: ${text.split("\n").at(-1)}` };
}

function checkNewClient(result: Verification, now: Kubeconfig, clientCa: ClientCa | undefined): void {
    const check = "newCredentialsAccepted";
    const client = clientCertificate(now);
    if (client === undefined || clientCa === undefined) {
        const reason = "a user without a client certificate can be checked only where the API server can be reached";
        result.notVerified.push({ check, reason });
    } else if ("reason" in clientCa) {
        result.notVerified.push({ check, reason: clientCa.reason });
    } else if (!isSignedBy(client, clientCa.certificates)) {
        throw new CheckFailed("the API server does not accept client certificates of the CA that signed the new one");
    } else if (Date.parse(client.validTo) < Date.now()) {
        result.notVerified.push({ check, reason: "the client certificate has expired" });
    } else {
        result.verified.push(check);
    }
}

function checkOldClient(result: Verification, before: Kubeconfig | undefined, clientCa: ClientCa | undefined): void {
    const check = "oldClientCertificateRefused";
    const client = before && clientCertificate(before);
    if (client === undefined) {
        const reason =
            before === undefined
                ? "the process that held it has ended; it is kept nowhere"
                : "the old kubeconfig had no client certificate";
        result.notVerified.push({ check, reason });
    } else if (clientCa === undefined || "reason" in clientCa) {
        result.notVerified.push({ check, reason: clientCa?.reason ?? "the new kubeconfig has no client certificate" });
    } else if (isSignedBy(client, clientCa.certificates)) {
        // kube-apiserver adds its own CA to those that are there, and takes away only what has expired.
        const reason =
            "the API server's list of client CAs, which a command in the cluster can read, keeps those of before";
        result.notVerified.push({ check, reason });
    } else {
        result.verified.push(check);
    }
}

function isSignedBy(certificate: X509Certificate, authorities: readonly X509Certificate[]): boolean {
    return authorities.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
}

/** The answers of all connections of a schedule. */
function answersOf(answers: Record<string, CallAnswer>, name: string, connections: number): CallAnswer[] {
    return Array.from({ length: connections }, (_, i) => answerOf(answers, `${name}.${i + 1}`));
}

/**
 * Compares the API server's CA with a bundle, by what trying that bundle alone has shown on each connection: one that
 * refuses it as unknown proves a mismatch, whatever the others show.
 *
 * @throws Error when a connection has no answer, or one that says nothing about who has signed
 */
function caMatch(answers: readonly CallAnswer[]): CaMatch {
    const trials = answers.map((answer) => {
        try {
            return readTrial(answer);
        } catch (error) {
            return error as Error;
        }
    });
    const isUnknown = (trial: Trial | Error) => "trusted" in trial && !trial.trusted && trial.unknownAuthority;
    if (trials.some(isUnknown)) {
        return "mismatch";
    }
    for (const trial of trials) {
        if (trial instanceof Error) {
            throw trial;
        }
        // Go checks age and names before it checks who has signed. A rotation issues a new certificate: one that has
        // expired is not the result of it.
        if (!trial.trusted && !trial.expired) {
            throw new Error(trial.reason);
        }
    }
    return "match";
}

function answerOf(answers: Record<string, CallAnswer>, name: string): CallAnswer {
    const answer = answers[name];
    if (answer === undefined) {
        throw new Error("the command in the cluster gave no whole answer");
    }
    return answer;
}
