import type { X509Certificate } from "node:crypto";
import { isRestError } from "@azure/core-rest-pipeline";
import type { Azure } from "../azure/cluster";
import { certificatesIn } from "../formats/certificate";
import { aksServerId, clientCertificate, type Kubeconfig } from "../formats/kubeconfig";
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
} from "./command-script";
import type { ApiServerShows, Question } from "./outside";
import type { DisruptionBudget } from "./preflight/list-disruption-budgets";
import { CheckFailed, type Verification } from "./verification";
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
    ) {}

    /**
     * Whose CA the API server's certificate is of.
     *
     * @throws Error when it could not be asked; RestError
     */
    async shows(credentials: Kubeconfig, signal: AbortSignal): Promise<Exclude<ApiServerShows, "unreachable">> {
        const answers = await this.ask(credentials, { now: credentials.ca }, false, signal);
        const trial = readTrial(answerOf(answers, "now"));
        if (!trial.trusted && !trial.unknownAuthority) {
            // Go looks at age and names before it looks who has signed: which CA it was, this does not tell.
            throw new Error(trial.reason);
        }
        return trial.trusted ? "sameCa" : "anotherCa";
    }

    /**
     * Checks a rotation, or credentials, as far as it can be done so: which CA verifies the API server's certificate, and
     * whether it accepts client certificates of the new CA, by the list of CAs that it keeps in the cluster.
     *
     * @throws CheckFailed when an answer is the wrong one; Error when there is no answer
     */
    async verify({ rotated, now, before }: Question, signal: AbortSignal): Promise<Verification> {
        const old = certificatesIn(before.caCertificate);
        const hasClient = now.client !== undefined;
        const answers = await this.ask(now, { now: now.ca, ...(rotated && { before: old }) }, hasClient, signal);
        const verified: Check[] = rotated ? ["provisioningState", "caChanged"] : [];
        const result: Verification = {
            verified,
            notVerified: [],
            apiServerCertificate: null,
            verifiedThrough: "runCommand",
        };
        const trial = readTrial(answerOf(answers, "now"));
        if (!trial.trusted) {
            const why = `the cluster CA does not verify the API server's certificate (${trial.reason})`;
            if (rotated || !trial.reason.includes("expired")) {
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
            const oldTrial = readTrial(answerOf(answers, "before"));
            // The new CA alone verifies it, so what is refused otherwise than as unknown is the old CA itself, for its age.
            if (oldTrial.trusted || !oldTrial.unknownAuthority) {
                throw new CheckFailed("the API server still has a certificate that the old CA verifies");
            }
            verified.push("oldCaRefused");
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
        cas: Record<string, readonly X509Certificate[]>,
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
        const withToken = async () =>
            this.azure.runCommand(script, await this.getToken(signIn ?? { serverId: aksServerId }), signal);
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

function answerOf(answers: Record<string, CallAnswer>, name: string): CallAnswer {
    const answer = answers[name];
    if (answer === undefined) {
        throw new Error("the command in the cluster gave no whole answer");
    }
    return answer;
}
