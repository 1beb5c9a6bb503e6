import { type Cloud, findCloud } from "../azure/cloud";
import { Azure } from "../azure/cluster";
import type { ClusterNames } from "../azure/cluster-names";
import { explain, isTransient } from "../azure/explain";
import { chooseSignIn, type SignIn } from "../azure/sign-in";
import { fleetHub } from "../formats/cluster-id";
import { within } from "../rotator/in-time";
import { findingsOf } from "../rotator/preflight/beforehand";
import type { Settings } from "../rotator/settings";
import { byHand } from "./by-hand";
import type { DoctorFinding } from "./doctor-finding";
import { type Identity, identityOf } from "./identity";
import { clockUnknown, judgeClock } from "./judge-clock";
import { judgeKubelogin, judgeNode, judgePulumi } from "./judge-machine";
import { versionOf } from "./version-of";
import { whatIsThere } from "./what-is-there";

/** What `doctor` prints. */
export interface Diagnosis {
    /** ARM id, lower case. */
    clusterId: string;
    findings: DoctorFinding[];
}

type Environment = Record<string, string | undefined>;

/** A cluster, and how the component verifies a rotation of it. Default: as the component does, `required` and `direct`. */
export type Diagnosed = ClusterNames & Partial<Pick<Settings, "verify" | "verifyThrough" | "serverApplicationId">>;

/** How long `doctor` waits, in milliseconds. */
export interface Patience {
    /** For one answer of Azure. */
    oneMs: number;
    /** For all that is asked of the cluster. */
    allMs: number;
}

/**
 * Looks at all that a rotation needs, and changes nothing. What fails is a finding.
 *
 * @param env environment variables, for the cloud and the sign-in
 */
export async function diagnose(
    names: Diagnosed,
    env: Environment,
    patience: Patience = { oneMs: 20_000, allMs: 45_000 },
): Promise<Diagnosis> {
    const findings: DoctorFinding[] = [];
    let usesKubelogin: boolean | undefined;
    const { oneMs } = patience;
    const cloud = await tried("cloud", findings, () => within(oneMs, (signal) => findCloud(env, signal)));
    if (cloud !== undefined) {
        findings.push({ check: "cloud", status: "ok", message: `Azure is at ${cloud.resourceManager}`, advice: "" });
        const signIn = await signedIn(cloud, env, names, findings, oneMs);
        if (signIn !== undefined) {
            usesKubelogin = await ofCluster(names, cloud, signIn, findings, patience);
        }
    }
    const [kubelogin, pulumi] = await Promise.all([
        versionOf("kubelogin", ["--version"]),
        versionOf("pulumi", ["version"]),
    ]);
    if (usesKubelogin !== undefined) {
        findings.push(judgeKubelogin(usesKubelogin, kubelogin));
    }
    findings.push(judgeNode(process.versions.node), judgePulumi(pulumi));
    return { clusterId: names.clusterId, findings };
}

async function signedIn(
    cloud: Cloud,
    env: Environment,
    names: ClusterNames,
    findings: DoctorFinding[],
    oneMs: number,
): Promise<SignIn | undefined> {
    let signIn: SignIn | undefined;
    try {
        const chosen = chooseSignIn(env, cloud, names.subscriptionId);
        signIn = chosen;
        const token = await within(oneMs, (abortSignal) => chosen.credential.getToken(cloud.scope, { abortSignal }));
        const identity = identityOf(token?.token ?? "");
        findings.push({
            check: "signIn",
            status: "ok",
            message: `signed in by ${chosen.way}${described(identity)}`,
            advice: "",
        });
        return chosen;
    } catch (error) {
        const [message = "", ...advice] = words(error, names, signIn).split("\n");
        findings.push({
            check: "signIn",
            status: isTransient(error) ? "unknown" : "blocks",
            message: message.replace(/\.$/, ""),
            advice: advice.join(" "),
        });
        return undefined;
    }
}

function described({ tenant, client, name }: Identity): string {
    const parts = [
        ...(name === undefined ? [] : [name]),
        ...(client === undefined ? [] : [`application ${client}`]),
        ...(tenant === undefined ? [] : [`tenant ${tenant}`]),
    ];
    return parts.length > 0 ? `: ${parts.join(", ")}` : "";
}

/** @returns whether the cluster's kubeconfig needs kubelogin; undefined where it could not be read */
async function ofCluster(
    names: Diagnosed,
    cloud: Cloud,
    signIn: SignIn,
    findings: DoctorFinding[],
    { oneMs, allMs }: Patience,
): Promise<boolean | undefined> {
    const hub = fleetHub(names);
    if (hub !== undefined) {
        const [message = "", advice = ""] = hub.split("\n");
        findings.push({ check: "cluster", status: "blocks", message: message.replace(/\.$/, ""), advice });
        return undefined;
    }
    const azure = new Azure(names, cloud, signIn);
    // Side by side, so that whoever cannot reach Azure waits once.
    const [clock, found] = await Promise.allSettled([
        within(oneMs, (signal) => judgeClock(cloud.resourceManager, signIn.connect, signal)),
        findingsOf({ ...names, verify: names.verify ?? "required" }, azure, signIn, performance.now() + allMs),
    ]);
    findings.push(clock.status === "fulfilled" ? clock.value : clockUnknown(clock.reason));
    if (found.status === "rejected") {
        const error = found.reason;
        const [message = "", ...advice] = words(error, names, signIn).split("\n");
        const blocks = /There is no (cluster|resource group|subscription)/.test(`${message} ${advice}`);
        const other = /^There is no cluster/.test(message) ? await whatIsThere(names, cloud, signIn) : undefined;
        findings.push({
            check: "cluster",
            status: blocks ? "blocks" : "unknown",
            message: message.replace(/\.$/, ""),
            advice: other ?? advice.join(" "),
        });
        return undefined;
    }
    findings.push(...found.value);
    const credentials = await within(oneMs, (signal) => azure.credentials(signal)).catch(() => undefined);
    return credentials && credentials.signIn?.kind === "exec";
}

async function tried<T>(
    check: DoctorFinding["check"],
    findings: DoctorFinding[],
    act: () => Promise<T>,
): Promise<T | undefined> {
    try {
        return await act();
    } catch (error) {
        findings.push({ check, status: "unknown", message: (error as Error).message.replace(/\.$/, ""), advice: "" });
        return undefined;
    }
}

/** An error of Azure for people; before there is a sign-in, it is in the error's own words. */
function words(error: unknown, names: ClusterNames, signIn: SignIn | undefined): string {
    return signIn === undefined ? (error as Error).message : explain(error, names, signIn, byHand);
}
