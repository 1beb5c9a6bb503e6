import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { ClientSecretCredential } from "@azure/identity";
import { Azure } from "../../azure/cluster";
import type { ClusterNames } from "../../azure/cluster-names";
import { clusterToken } from "../../azure/cluster-token";
import { connections } from "../../azure/connections";
import type { SignIn } from "../../azure/sign-in";
import { clusterId } from "../../formats/cluster-id";
import type { Kubeconfig } from "../../formats/kubeconfig";
import type { RotationRecord } from "../../formats/record";
import { type ClusterOptions, type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { drive } from "../../rotator/drive";
import { monotonicClock } from "../../rotator/monotonic-clock";
import type { Question } from "../../rotator/outside";
import { RealSight } from "../../rotator/real-sight";
import { rotate, throughOf } from "../../rotator/rotate";
import type { RotateSettings } from "../../rotator/settings";
import { snapshot } from "../../rotator/snapshot";
import type { GetToken } from "../../rotator/verify";

/** A cluster of a local AKS in this process, and the rotator's access to it. */
export interface Fixture extends AsyncDisposable {
    aks: LocalAks;
    ref: { resourceGroup: string; name: string };
    /** The rotator's client, with settings of a test's own. */
    azure(names?: Partial<ClusterNames>): Azure;
    names(names?: Partial<ClusterNames>): ClusterNames;
    signIn: SignIn;
    getToken: GetToken;
}

/** Starts one; its end takes all down. */
export async function clusterFixture(
    kind: Partial<ClusterOptions> = {},
    options: { kubectlStandIn?: boolean } = {},
): Promise<Fixture> {
    const aks = await startLocalAks({ rotationSeconds: 0.2, ...options });
    const ref = { resourceGroup: "group", name: "blue" };
    await aks.addCluster({ ...ref, backend: "light", ...kind });
    // As NODE_EXTRA_CA_CERTS does for a process that is started with it.
    const authorities = getCACertificates("default");
    setDefaultCACertificates([...authorities, readFileSync(aks.caFile, "utf8")]);
    const credential = new ClientSecretCredential(aks.tenantId, aks.clientId, aks.environment.ARM_CLIENT_SECRET ?? "", {
        authorityHost: aks.url,
        disableInstanceDiscovery: true,
        retryOptions: { maxRetries: 0 },
    });
    const signIn: SignIn = {
        way: "client secret",
        credential,
        clues: { proof: "the secret in ARM_CLIENT_SECRET" },
        connect: connections({}),
    };
    const cloud = { resourceManager: aks.url, authority: aks.url, scope: `${aks.url}/.default` };
    const names = (own: Partial<ClusterNames> = {}): ClusterNames => ({
        subscriptionId: aks.subscriptionId,
        resourceGroupName: ref.resourceGroup,
        clusterName: ref.name,
        clusterId: clusterId(aks.subscriptionId, ref.resourceGroup, ref.name),
        credentials: "user",
        ...own,
    });
    return {
        aks,
        ref,
        names,
        azure: (own) => new Azure(names(own), cloud, signIn),
        signIn,
        getToken: (plugin) => clusterToken(signIn, plugin),
        [Symbol.asyncDispose]: async () => {
            setDefaultCACertificates(authorities);
            await aks.close();
        },
    };
}

/** Long enough for any request of these tests. */
export const signal = () => AbortSignal.timeout(20_000);

/** A clock whose pauses take no time: a verification makes all its connections, one right after the other. */
export const hurried: typeof monotonicClock = {
    now: monotonicClock.now,
    *sleep() {
        yield* [];
    },
};

/** The credentials of before a rotation and of after it. */
export async function rotated(fixture: Fixture, own = {}): Promise<{ before: Kubeconfig; now: Kubeconfig }> {
    const azure = fixture.azure(own);
    const before = await azure.credentials(signal());
    assert.equal((await azure.startRotation(signal())).answer, "accepted");
    await fixture.aks.control.waitUntilIdle(fixture.ref);
    return { before, now: await azure.credentials(signal()) };
}

/** What a verification of that rotation is of. */
export function question({ before, now }: { before: Kubeconfig; now: Kubeconfig }): Question {
    return { rotated: true, now, before: { caCertificate: before.caCertificate, credentials: before } };
}

/** What a run of the rotator has come to, and the progress that it told. */
export interface Ran {
    told: string[];
    record: RotationRecord;
}

/** Runs the rotator as an `up` would: the snapshot, then the rotation, one generation above the record's. */
export async function runRotator(
    fixture: Fixture,
    own: Partial<RotateSettings>,
    record?: RotationRecord,
): Promise<Ran> {
    const told: string[] = [];
    const { credentials, format, serverFqdn } = own;
    const settings = {
        ...fixture.names(),
        generation: record === undefined ? 1 : record.generation + 1,
        verify: "required",
        timeoutSeconds: Math.ceil(performance.now() / 1000) + 180,
        settleTimeoutSeconds: 60,
        preflight: "required",
        intent: "",
        ...own,
    } satisfies RotateSettings;
    const { getToken } = fixture;
    const azure = fixture.azure({ ...(credentials && { credentials }), format, serverFqdn });
    const tell = (line: string) => told.push(line);
    const through = throughOf(settings, { azure, getToken });
    const intent = await drive(snapshot(new RealSight(azure, tell, through), settings, undefined));
    const means = { azure, getToken, assertParent: async () => {}, tell };
    return {
        told,
        record: await rotate(means, settings, { command: record === undefined ? "adopt" : "rotate", intent, record }),
    };
}
