import type { X509Certificate } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import * as containerservice from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { sameFingerprints } from "../formats/certificate";
import { clientCertificate, parseKubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import type { CheckedArguments } from "./arguments";
import { explainAzure } from "./explain-azure";
import { otherKind } from "./other-kind";
import { unknownText } from "./unknown";

/** Azure has no such cluster. */
export class NoSuchCluster extends Error {
    override readonly name = "NoSuchCluster";

    /** @param otherKind what has the cluster's name instead, where something has */
    constructor(
        message: string,
        readonly otherKind?: string,
    ) {
        super(message);
    }
}

const pauseMs = 2000;

/**
 * Asks Azure for a cluster's kubeconfig of this moment. It is a secret. Azure can give the one of before a rotation for
 * a while after it has given the new one already: then it is asked again, as long as `settleTimeout` allows.
 *
 * @param record the rotation record that this run has made or found; in a preview there is none
 * @returns unknown in a preview where azure-native cannot be asked yet
 * @throws NoSuchCluster when there is no such cluster
 * @throws Error that says what to change, when there is no right, no sign-in, or no CA
 */
export async function readKubeconfig(
    args: CheckedArguments,
    record: RotationRecord | undefined,
    opts: pulumi.InvokeOptions,
): Promise<string> {
    const end = Date.now() + args.settleTimeoutSeconds * 1000;
    for (;;) {
        const kubeconfig = await askOnce(args, opts);
        if (kubeconfig === undefined) {
            return unknownText;
        }
        if (record === undefined || !isOfBefore(kubeconfig, record)) {
            return kubeconfig;
        }
        if (Date.now() > end) {
            throw new Error(
                `The cluster "${args.clusterName}" is rotated and verified, but Azure gives the credentials of before ` +
                    "again. Run pulumi up once more in a while; nothing is rotated by it.",
            );
        }
        await setTimeout(pauseMs);
    }
}

function isOfBefore(kubeconfig: string, { caBefore, caAfter }: RotationRecord): boolean {
    const { caFingerprints } = parseKubeconfig(kubeconfig);
    return sameFingerprints(caFingerprints, caBefore) && !sameFingerprints(caFingerprints, caAfter);
}

/** Undefined in a preview whose azure-native provider has inputs that are not known yet: its answers are empty. */
async function askOnce(args: CheckedArguments, opts: pulumi.InvokeOptions): Promise<string | undefined> {
    const { resourceGroupName, clusterName: resourceName, format, serverFqdn } = args;
    const cluster = { resourceGroupName, resourceName, serverFqdn };
    let answer: Partial<containerservice.ListManagedClusterUserCredentialsResult>;
    try {
        answer = await (args.credentials === "admin"
            ? containerservice.listManagedClusterAdminCredentials(cluster, opts)
            : containerservice.listManagedClusterUserCredentials({ ...cluster, format }, opts));
    } catch (error) {
        const said = (error as Error).message;
        const message = explainAzure(said, args);
        if (!/NotFound|Status=404/.test(said) || /SubscriptionNotFound/.test(said)) {
            throw new Error(message);
        }
        throw new NoSuchCluster(message, /ResourceGroupNotFound/.test(said) ? undefined : await otherKind(args, opts));
    }
    if (answer.kubeconfigs === undefined && pulumi.runtime.isDryRun()) {
        return undefined;
    }
    const value = answer.kubeconfigs?.[0]?.value;
    if (value === undefined) {
        throw new Error(`AKS gave no kubeconfig for the cluster ${args.credentials} of ${resourceName}.`);
    }
    const kubeconfig = Buffer.from(value, "base64").toString("utf8");
    // Refused here, where it is read, and not where it is used.
    parseKubeconfig(kubeconfig);
    return kubeconfig;
}

/** Whether a kubeconfig cannot work any more at a time (milliseconds since 1970): all of its CA, or its client certificate, has expired. */
export function hasExpired(text: string, now: number): boolean {
    const kubeconfig = parseKubeconfig(text);
    const client = clientCertificate(kubeconfig);
    const isOver = ({ validTo }: X509Certificate) => Date.parse(validTo) < now;
    return kubeconfig.ca.every(isOver) || (client !== undefined && isOver(client));
}
