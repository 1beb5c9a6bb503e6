import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlPlaneTools, getControlPlane } from "../../toolchain/kubernetes";
import type { Progress } from "../../toolchain/tool";
import { isAlternating } from "./alternation";
import type { ApiServer, BackendKind } from "./api-server";
import { registerArm } from "./arm-routes";
import { Authority } from "./certificates";
import { Children } from "./children";
import type { Clock } from "./clock";
import { Cloud } from "./cloud";
import { hasEntraId } from "./cluster-kind";
import type { ClusterOptions } from "./cluster-options";
import { Commands } from "./commands";
import { type Control, createControl } from "./control";
import { ControlPlane } from "./control-plane";
import { registerControl } from "./control-routes";
import { discoverKeys } from "./federation";
import { Interceptor } from "./interceptor";
import { LightApiServer } from "./light-api-server";
import { ManagedIdentities } from "./managed-identities";
import { registerMetadata } from "./metadata";
import { OidcIssuers } from "./oidc-issuers";
import { createHttpsServer } from "./server";
import { SignIn } from "./sign-in";
import { createSignInControl, type SignInControl } from "./sign-in-control";
import { registerSignInControl } from "./sign-in-control-routes";
import { registerTokenReview, TOKEN_REVIEW } from "./token-review";

export type { BackendKind } from "./api-server";
export type { ClusterOptions, ClusterRef, ClusterSettings, RotationOutcome } from "./cluster-options";
export type { ClusterReport, Control, RunningOperation } from "./control";
export type { Fault, FaultAction, FaultMatch, FaultReport } from "./fault";
export type { Ended } from "./operation";
export type { RequestEntry } from "./request-log";

const YEAR = 365 * 24 * 3600;

/** A local AKS that runs. */
export interface LocalAks {
    /** e.g. https://127.0.0.1:41234 ; Resource Manager, sign-in, metadata and control are all on this one origin. */
    url: string;
    /** PEM file of the CA that signed the server's certificate. */
    caFile: string;
    subscriptionId: string;
    tenantId: string;
    clientId: string;
    /**
     * Environment variables with which an Azure client reaches it and signs in: ARM_CLIENT_ID, ARM_CLIENT_SECRET,
     * ARM_TENANT_ID, ARM_SUBSCRIPTION_ID, ARM_METADATA_HOSTNAME (host:port), ARM_DISABLE_INSTANCE_DISCOVERY,
     * NODE_EXTRA_CA_CERTS, SSL_CERT_FILE.
     */
    environment: Record<string, string>;
    /**
     * Makes a cluster, and waits until its API server is ready.
     *
     * @throws Error if there is one of that name, or its API server does not start.
     */
    addCluster(options: ClusterOptions): Promise<void>;
    /** The same operations as the HTTP control endpoint. */
    control: Control & SignInControl;
    /**
     * Every secret issued so far, in each form in which it could leak: private keys (PEM bodies, lines of them, base64
     * as in a kubeconfig), tokens, client secrets, kubeconfigs in base64.
     */
    issuedSecrets(): string[];
    /** Ends everything and removes its data. */
    close(): Promise<void>;
}

/** What a local AKS is started with. */
export interface LocalAksOptions {
    /** Default: a free one. */
    port?: number;
    /**
     * The name in its URLs and its certificate. It listens on 127.0.0.1 all the same: whoever asks must know the way, as
     * a proxy does. Default: 127.0.0.1.
     */
    hostname?: string;
    /** Where its folder is made, which `close` removes. Default: the system's folder for temporary files. */
    directory?: string;
    /** How long rotations take, seconds, where a cluster does not say otherwise. Default 10. */
    rotationSeconds?: number;
    /** Backend of clusters that are made through Azure's API. Default: light. */
    backend?: BackendKind;
    /** Default: got by the toolchain when the first control plane is asked for. */
    tools?: ControlPlaneTools;
    /** Whether commands of runCommand have the stand-in for kubectl even where there is a kubectl. Default: false. */
    kubectlStandIn?: boolean;
    /** Default: nobody is told. */
    progress?: Progress;
}

/**
 * Starts a local AKS: an HTTPS server on 127.0.0.1 that speaks the part of Azure that this project needs.
 *
 * @throws Error if the port is taken.
 */
export async function startLocalAks(options: LocalAksOptions = {}): Promise<LocalAks> {
    const {
        port = 0,
        hostname = "127.0.0.1",
        directory = tmpdir(),
        rotationSeconds = 10,
        backend = "light",
        progress = () => {},
    } = options;
    const folder = await mkdtemp(join(directory, "local-aks-"));
    const children = new Children(folder);
    let tools = options.tools;
    let controlPlanes = 0;
    let url = "";
    const userOf = (token: string) => signIn.userOf(token);

    async function createApiServer(cluster: ClusterOptions): Promise<ApiServer> {
        if (cluster.backend === "light") {
            return LightApiServer.create(
                cluster.kubernetesVersion ?? "1.36.3",
                cloud.clock,
                {
                    connection: (socket, accept) => interceptor.apiServerConnection(cluster, socket, accept),
                    request: (request, response, handle) => interceptor.apiServer(cluster, request, response, handle),
                    ...(hasEntraId(cluster) && { userOf }),
                },
                () => cloud.findCluster(cluster)?.settings.disruptionBudgets ?? [],
                () => isAlternating(cloud.cluster(cluster)),
            );
        }
        tools ??= await getControlPlane(progress);
        controlPlanes += 1;
        return ControlPlane.create({
            tools,
            folder: join(folder, `cluster-${controlPlanes}`),
            children,
            progress,
            ...(hasEntraId(cluster) && { tokenReview: { url: `${url}${TOKEN_REVIEW}`, caFile } }),
        });
    }

    const createCommands = (clock: Clock) =>
        new Commands(join(folder, "commands"), clock, options.kubectlStandIn ?? false);
    const cloud = new Cloud({ rotationSeconds, backend, createApiServer, createCommands, progress });
    const interceptor = new Interceptor(
        cloud.faults,
        cloud.log,
        cloud.clock,
        (id) => cloud.findOperation(id)?.cluster,
        (cluster) => cloud.findCluster(cluster)?.provisioningState,
        (text) => cloud.secrets.isIn(text),
    );
    const authority = await Authority.create({ commonName: "Local AKS", validSeconds: YEAR }, cloud.clock);
    const identity = await authority.issue(
        {
            commonName: "localhost",
            names: [
                { type: "ip", value: "127.0.0.1" },
                { type: "dns", value: "localhost" },
                ...(hostname === "127.0.0.1" ? [] : [{ type: "dns" as const, value: hostname }]),
            ],
            validSeconds: YEAR,
        },
        "server",
    );
    cloud.secrets.addKey(authority.identity.key);
    cloud.secrets.addKey(identity.key);
    const caFile = join(folder, "ca.pem");
    await writeFile(caFile, authority.identity.certificate);

    const signIn = await SignIn.create(cloud, () => url, discoverKeys(authority.identity.certificate));
    const issuers = new OidcIssuers(cloud, () => url);
    const identities = new ManagedIdentities(cloud, (client, audience) => signIn.giveToken(client, audience));
    const control = {
        ...createControl(cloud, signIn),
        ...createSignInControl({ cloud, issuers, identities, url: () => url }),
    };
    const server = createHttpsServer(identity, interceptor);
    registerMetadata(server, cloud, () => url);
    signIn.register(server);
    issuers.register(server);
    identities.register(server);
    registerArm(server, cloud, signIn, () => url);
    registerControl(server, control);
    registerTokenReview(server, userOf);
    registerSignInControl(server, control);

    const close = async () => {
        await server.close();
        await cloud.close();
        cloud.faults.clear();
        await children.close();
        await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    };
    try {
        await server.listen({ port, host: "127.0.0.1" });
    } catch (error) {
        await close();
        throw (error as NodeJS.ErrnoException).code === "EADDRINUSE"
            ? new Error(`Port ${port} of 127.0.0.1 is taken. Choose another one, or none to get a free one.`)
            : error;
    }
    url = `https://${hostname}:${(server.server.address() as AddressInfo).port}`;

    return {
        url,
        caFile,
        subscriptionId: cloud.subscriptionId,
        tenantId: cloud.tenantId,
        clientId: cloud.client.clientId,
        environment: {
            ARM_CLIENT_ID: cloud.client.clientId,
            ARM_CLIENT_SECRET: cloud.client.secret,
            ARM_TENANT_ID: cloud.tenantId,
            ARM_SUBSCRIPTION_ID: cloud.subscriptionId,
            ARM_METADATA_HOSTNAME: new URL(url).host,
            ARM_DISABLE_INSTANCE_DISCOVERY: "true",
            NODE_EXTRA_CA_CERTS: caFile,
            SSL_CERT_FILE: caFile,
        },
        addCluster: async (cluster) => {
            await cloud.addCluster(cluster);
        },
        control,
        issuedSecrets: () => cloud.secrets.all(),
        close,
    };
}
