import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { type Cloud, findCloud } from "../../azure/cloud";
import { Azure, type ManagedCluster } from "../../azure/cluster";
import type { ClusterNames } from "../../azure/cluster-names";
import { explain } from "../../azure/explain";
import { chooseSignIn, type SignIn } from "../../azure/sign-in";
import { clusterId } from "../../formats/cluster-id";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken } from "../unit/local-aks-clients";
import { withEnvironment } from "./with-environment";

/** The cluster that a sign-in is tried on. */
export const ref = { resourceGroup: "group", name: "blue" };

/** Variables that lead to the local AKS, and say nothing of who signs in. */
export function cloudOf(aks: LocalAks): Record<string, string> {
    const { ARM_METADATA_HOSTNAME = "", ARM_SUBSCRIPTION_ID = "", SSL_CERT_FILE = "" } = aks.environment;
    return { ARM_METADATA_HOSTNAME, ARM_SUBSCRIPTION_ID, SSL_CERT_FILE };
}

export function namesOf(aks: LocalAks): ClusterNames {
    const { subscriptionId } = aks;
    return {
        subscriptionId,
        resourceGroupName: ref.resourceGroup,
        clusterName: ref.name,
        clusterId: clusterId(subscriptionId, ref.resourceGroup, ref.name),
        credentials: "user",
    };
}

/** What a sign-in led to. */
export interface SignedIn {
    signIn: SignIn;
    cloud: Cloud;
    cluster: ManagedCluster | undefined;
    azure: Azure;
    /** Whose the token is. */
    clientId: string;
}

/**
 * Signs in with variables alone, as the rotator does, and looks at the cluster.
 *
 * @param env besides those that lead to the local AKS; they are this process's environment meanwhile
 */
export function signInAndLook(aks: LocalAks, env: Record<string, string>): Promise<SignedIn> {
    const variables = { ...cloudOf(aks), ...env };
    return withEnvironment(variables, async () => {
        const cloud = await findCloud(variables, AbortSignal.timeout(10_000));
        const signIn = chooseSignIn(variables, cloud, aks.subscriptionId);
        const azure = new Azure(namesOf(aks), cloud, signIn);
        const cluster = await azure.look(AbortSignal.timeout(10_000));
        const token = await signIn.credential.getToken(cloud.scope);
        return { signIn, cloud, cluster, azure, clientId: String(decodeJwt(token?.token ?? "").appid) };
    });
}

/** What the user reads when a sign-in fails. @throws Error when it does not */
export async function failureOf(aks: LocalAks, env: Record<string, string>): Promise<string> {
    const variables = { ...cloudOf(aks), ...env };
    return withEnvironment({ AZURE_CONFIG_DIR: "/nowhere", ...variables }, async () => {
        let signIn: SignIn | undefined;
        try {
            const cloud = await findCloud(variables, AbortSignal.timeout(10_000));
            signIn = chooseSignIn(variables, cloud, aks.subscriptionId);
            await new Azure(namesOf(aks), cloud, signIn).look(AbortSignal.timeout(10_000));
        } catch (error) {
            return signIn === undefined ? (error as Error).message : explain(error, namesOf(aks), signIn);
        }
        throw new Error("the sign-in was expected to fail");
    });
}

/** A fake `az`, on the PATH that is returned: it answers with a token of the local AKS's client, and logs how it is called. */
export async function fakeAz(aks: LocalAks, folder: string): Promise<{ PATH: string; log: string }> {
    const log = join(folder, "az.log");
    const answer = JSON.stringify({
        accessToken: await accessToken(aks),
        expires_on: Math.floor(Date.now() / 1000) + 3600,
    });
    const script = join(folder, "az");
    await writeFile(script, `#!/bin/sh\necho "$@" >> '${log}'\necho '${answer}'\n`);
    await chmod(script, 0o700);
    return { PATH: `${folder}:${process.env.PATH}`, log };
}

/** A sign-in that cannot be: its variables, and what the user reads. */
export interface RefusedSignIn {
    env(): Promise<Record<string, string>> | Record<string, string>;
    says: (RegExp | (() => string))[];
}
