import { randomBytes, randomUUID } from "node:crypto";
import type { ApiServer, BackendKind } from "./api-server";
import {
    commandsDisabled,
    localAccountsDisabled,
    noOperation,
    operationInProgress,
    stoppedForCommands,
    tokenMissing,
} from "./arm-error";
import type { Clock } from "./clock";
import { hasEntraId, isGuarded, letsUsIn } from "./cluster-kind";
import type { ClusterOptions, ClusterRef, ClusterSettings, RotationOutcome } from "./cluster-options";
import {
    AKS_LIFETIMES,
    type CertificateLifetimes,
    type ClusterSecrets,
    createClusterSecrets,
    createOtherAuthorities,
} from "./cluster-secrets";
import { commandKubeconfig } from "./command-kubeconfig";
import type { Commands } from "./commands";
import type { EarlyEnd } from "./early-end";
import { type Ending, endingAsTold, endingOfRotation } from "./ending";
import type { IssuedSecrets } from "./issued-secrets";
import { type KubeconfigFormat, kubeconfig } from "./kubeconfig";
import { type Ended, Operation, type OperationError, type OperationStatus } from "./operation";
import { pauseUntil } from "./pause";
import { PrivateNetwork } from "./private-network";
import type { RotationCounts } from "./rotation-counts";

/** What a cluster needs from the local AKS that it is in. */
export interface ClusterSurroundings {
    clock: Clock;
    secrets: IssuedSecrets;
    rotationSeconds: number;
    tenantId: string;
    commands: Commands;
    createApiServer(options: ClusterOptions): Promise<ApiServer>;
    /** Makes an operation known to the endpoints that tell of it. */
    register(operation: Operation): void;
    progress(line: string): void;
}

/** What an operation does. It ends with nothing where it succeeded. */
export type Work = (signal: AbortSignal) => Promise<Ending | undefined>;

/** A managed cluster: what Azure knows of it, and the API server behind it. */
export class Cluster {
    readonly resourceUID = randomBytes(12).toString("hex");
    readonly created: Date;
    readonly settings: ClusterSettings;
    readonly rotations: RotationCounts = { started: 0, startedBySomebodyElse: 0, finished: 0, failed: 0, canceled: 0 };
    readonly location: string;
    readonly backend: BackendKind;
    kubernetesVersion: string;
    tags: Record<string, string>;
    provisioningState = "Creating";
    powerState: "Running" | "Stopped" = "Running";
    eTag: string = randomUUID();
    readonly #end = new AbortController();
    readonly #working = new Set<Promise<unknown>>();
    #operation: Operation | undefined;
    /** Credentials as the credentials API serves them, each from its moment on. */
    #served: { from: number; secrets: ClusterSecrets }[] = [];

    private constructor(
        readonly options: ClusterOptions,
        private readonly surroundings: ClusterSurroundings,
        private readonly apiServer: ApiServer,
        private secrets: ClusterSecrets,
        private readonly network: PrivateNetwork | undefined,
    ) {
        this.created = surroundings.clock.date();
        this.location = options.location ?? "westeurope";
        this.backend = options.backend;
        this.kubernetesVersion = options.kubernetesVersion ?? apiServer.version;
        this.tags = options.tags ?? {};
        this.settings = {
            rotationSeconds: surroundings.rotationSeconds,
            operationSeconds: 1,
            outageSeconds: undefined,
            slowReturnSeconds: 0,
            credentialsLagSeconds: 0,
            alternatingSeconds: 0,
            retryAfterSeconds: undefined,
            rotationOutcomes: [],
            certificateLifetimes: AKS_LIFETIMES,
            nodePools: [{ name: "nodepool1" }],
            disruptionBudgets: [],
            supportPlan: "KubernetesOfficial",
            commandSeconds: 0,
            commandFailure: undefined,
            commandAnswer: "accepted",
            shownResourceUID: "value",
            ...options.settings,
        };
        surroundings.secrets.addCluster(secrets);
        this.#served = [{ from: 0, secrets }];
    }

    /** Makes one whose API server is not started yet: its provisioning state is Creating. */
    static async create(options: ClusterOptions, surroundings: ClusterSurroundings): Promise<Cluster> {
        const lifetimes = options.settings?.certificateLifetimes ?? AKS_LIFETIMES;
        const secrets = await createClusterSecrets(lifetimes, surroundings.clock, options.keyIdentifiers);
        if (options.otherAuthorities !== undefined) {
            secrets.otherAuthorities = await createOtherAuthorities(options.otherAuthorities, surroundings.clock);
        }
        const apiServer = await surroundings.createApiServer(options);
        const port = Number(new URL(apiServer.url).port);
        const isOpen = () => letsUsIn(options, options.inPrivateNetwork);
        const network = isGuarded(options) ? await PrivateNetwork.open(port, isOpen) : undefined;
        return new Cluster(options, surroundings, apiServer, secrets, network);
    }

    get ref(): ClusterRef {
        return { resourceGroup: this.options.resourceGroup, name: this.options.name };
    }

    get server(): string {
        return this.network?.url ?? this.apiServer.url;
    }

    /** URL of the API server by its public name, where that is another one. */
    get publicServer(): string {
        const hasPublicName = this.options.apiServerAccessProfile?.enablePrivateClusterPublicFQDN === true;
        return hasPublicName ? this.server.replace("127.0.0.1", "localhost") : this.server;
    }

    /** The operation that runs now. */
    get operation(): Operation | undefined {
        return this.#operation;
    }

    /** The certificates and keys that the API server has. */
    get current(): ClusterSecrets {
        return this.secrets;
    }

    /**
     * What listClusterUserCredential and listClusterAdminCredential answer, as YAML.
     *
     * @param format of a user of Microsoft Entra ID; the same for everybody else
     */
    kubeconfig(role: "user" | "admin", format: KubeconfigFormat = "exec", fqdn?: "public" | "private"): string {
        const isEntraId = role === "user" && hasEntraId(this.options);
        if (this.options.disableLocalAccounts === true && !isEntraId) {
            throw localAccountsDisabled();
        }
        const { resourceGroup, name } = this.options;
        const text = kubeconfig({
            resourceGroup,
            clusterName: name,
            server: fqdn === "public" ? this.publicServer : this.server,
            secrets: this.#served.findLast(({ from }) => from <= Date.now())?.secrets ?? this.secrets,
            role,
            ...(isEntraId && { entraId: { tenantId: this.surroundings.tenantId, format } }),
        });
        this.surroundings.secrets.addKubeconfig(text);
        return text;
    }

    /**
     * Runs a command beside the API server, whoever can reach that from outside. Its id.
     *
     * @param token of a user of Microsoft Entra ID, as whom it runs where the cluster has that
     * @throws ArmError 400 where it may not be run.
     */
    runCommand(command: string, token: string | undefined): string {
        if (this.options.apiServerAccessProfile?.disableRunCommand === true) {
            throw commandsDisabled();
        }
        if (this.powerState === "Stopped") {
            throw stoppedForCommands();
        }
        const isEntraId = hasEntraId(this.options);
        if (isEntraId && !token) {
            throw tokenMissing();
        }
        const { commandSeconds: seconds, commandFailure: failure } = this.settings;
        const kubeconfig = commandKubeconfig({
            server: this.server,
            proxyUrl: this.network?.proxyUrl,
            secrets: this.secrets,
            token: isEntraId ? token : undefined,
        });
        return this.surroundings.commands.start({ command, kubeconfig, seconds, failure });
    }

    /** Starts the API server of a new cluster. */
    provision(seconds = 0): Operation {
        return this.begin("Creating", seconds, async (signal) => {
            await this.apiServer.start(this.secrets, signal);
            return undefined;
        });
    }

    /**
     * Rotates all certificates.
     *
     * @throws ArmError 409 while another operation runs.
     */
    rotate(bySomebodyElse: boolean): Operation {
        const operation = this.#begin("RotatingClusterCertificates", (signal, { early }) =>
            this.#rotate(signal, early),
        );
        this.rotations.started += 1;
        this.rotations.startedBySomebodyElse += bySomebodyElse ? 1 : 0;
        void operation.finished.then((status) => {
            const counter = ({ Failed: "failed", Canceled: "canceled" } as const)[status as "Failed" | "Canceled"];
            this.rotations[counter ?? "finished"] += 1;
            this.rotations.lastEndedAt = Date.now();
            this.rotations.lastSeconds = (this.rotations.lastEndedAt - operation.begun) / 1000;
        });
        return operation;
    }

    /** Starts or stops the API server, as `az aks start` and `az aks stop` do. */
    setPower(to: "Running" | "Stopped"): Operation {
        const { operationSeconds } = this.settings;
        return this.begin(to === "Running" ? "Starting" : "Stopping", operationSeconds, async (signal) => {
            await this.apiServer.stop();
            if (to === "Running") {
                await this.apiServer.start(this.secrets, signal);
            }
            this.powerState = to;
            return undefined;
        });
    }

    /**
     * Begins an operation. Its work is done even if it is to end before its time; only the rest is not waited for.
     *
     * @param seconds how long it takes at least.
     * @param work ends with nothing if it succeeded. An error that it throws makes the operation Failed.
     * @throws ArmError 409 while another operation runs.
     */
    begin(provisioningState: string, seconds: number, work: Work): Operation {
        return this.#begin(provisioningState, async (signal, { begun, early }) => {
            const result = await work(signal);
            await pauseUntil(begun + seconds * 1000, signal, early.signal);
            return early.status === undefined ? result : endingAsTold(early.status);
        });
    }

    /**
     * Ends the operation that runs before its time; a rotation as an outcome of this status would.
     *
     * @returns how it has ended: otherwise, if it was at its end already.
     * @throws ArmError 409 if none runs.
     */
    async endOperation(status: Ended): Promise<OperationStatus> {
        if (!this.#operation) {
            throw noOperation();
        }
        this.provisioningState = status === "Canceled" ? "Canceling" : this.provisioningState;
        this.#operation.early.ask(status);
        return this.#operation.finished;
    }

    #begin(
        provisioningState: string,
        work: (signal: AbortSignal, operation: Operation) => ReturnType<Work>,
    ): Operation {
        if (this.#operation) {
            const { id, started } = this.#operation;
            throw operationInProgress(this.#operation.provisioningState, id, started);
        }
        const operation = new Operation(
            this.ref,
            this.location,
            provisioningState,
            () => this.settings.retryAfterSeconds,
            this.surroundings.clock,
        );
        this.#operation = operation;
        this.provisioningState = provisioningState;
        this.surroundings.register(operation);
        this.#track(this.#work(operation, work(this.#end.signal, operation)));
        return operation;
    }

    /** Replaces all certificates at once, without an operation. */
    async replaceCertificates(lifetimes: CertificateLifetimes): Promise<void> {
        const secrets = await this.#newSecrets(lifetimes);
        if (this.powerState === "Running") {
            await this.apiServer.stop();
            await this.apiServer.start(secrets, this.#end.signal);
        }
        this.#serve(secrets, Date.now());
    }

    /** Takes the API server away, or brings it back, while Azure says that all is well. */
    async setReachable(reachable: boolean): Promise<void> {
        await this.apiServer.stop();
        if (reachable) {
            await this.apiServer.start(this.secrets, this.#end.signal);
        }
    }

    /** Cancels what runs, and ends the API server with all its data. */
    async close(): Promise<void> {
        this.#end.abort();
        this.#operation?.end("Canceled", { code: "OperationCanceled", message: "The managed cluster was deleted." });
        await Promise.allSettled([...this.#working]);
        await this.apiServer.close();
        await this.network?.close();
    }

    async #work(operation: Operation, work: ReturnType<Work>): Promise<void> {
        let ending: { status: Ended; error?: OperationError };
        try {
            ending = (await work) ?? { status: "Succeeded" };
        } catch (error) {
            const message = (error as Error).message;
            this.#tellUnlessEnded(`${operation.provisioningState}: ${message}`);
            ending = { status: "Failed", error: { code: "InternalOperationError", message } };
        }
        this.#operation = undefined;
        this.provisioningState = ending.status;
        this.eTag = randomUUID();
        operation.end(ending.status, ending.error);
    }

    async #rotate(signal: AbortSignal, early: EarlyEnd): Promise<Ending | undefined> {
        const begun = Date.now();
        const planned: RotationOutcome = this.settings.rotationOutcomes.shift() ?? { status: "Succeeded" };
        const { rotationSeconds, credentialsLagSeconds, slowReturnSeconds } = this.settings;
        const outage = this.settings.outageSeconds ?? (this.backend === "light" ? rotationSeconds / 2 : 0);
        const isUp = this.powerState === "Running";
        const told = () => early.status ?? planned.status;
        let made: ClusterSecrets | undefined;
        const wanted = async (status: Ended) => {
            const changes = planned.changesCa ?? status === "Succeeded";
            made ??= changes ? await this.#newSecrets() : undefined;
            return changes && made ? made : this.secrets;
        };
        let served: ClusterSecrets | undefined = this.secrets;
        if (isUp && (await wanted(told())) !== served) {
            await this.apiServer.stop();
            served = undefined;
            if (slowReturnSeconds === 0) {
                await pauseUntil(begun + outage * 1000, signal, early.signal);
                served = await wanted(told());
                await this.apiServer.start(served, signal);
            }
        }
        await pauseUntil(begun + rotationSeconds * 1000, signal, early.signal);
        // From here on nobody can have it end otherwise.
        const status = told();
        const secrets = await wanted(status);
        if (isUp && served !== secrets) {
            await this.#bringBack(secrets, slowReturnSeconds, signal);
        }
        if (secrets !== this.secrets) {
            this.#serve(secrets, Date.now() + credentialsLagSeconds * 1000);
        }
        return endingOfRotation(status === planned.status ? planned : { status });
    }

    /** Starts the API server again with these certificates. Waits for that, unless it is to come late. */
    async #bringBack(secrets: ClusterSecrets, lateSeconds: number, signal: AbortSignal): Promise<void> {
        await this.apiServer.stop();
        const back = pauseUntil(Date.now() + lateSeconds * 1000, signal).then(() =>
            this.apiServer.start(secrets, signal),
        );
        if (lateSeconds === 0) {
            await back;
        } else {
            this.#track(back.catch((error: Error) => this.#tellUnlessEnded(error.message)));
        }
    }

    async #newSecrets(lifetimes = this.settings.certificateLifetimes): Promise<ClusterSecrets> {
        const { options, surroundings } = this;
        const secrets = await createClusterSecrets(lifetimes, surroundings.clock, options.keyIdentifiers);
        secrets.otherAuthorities = this.secrets.otherAuthorities;
        this.surroundings.secrets.addCluster(secrets);
        return secrets;
    }

    #serve(secrets: ClusterSecrets, from: number): void {
        this.secrets = secrets;
        this.#served = [...this.#served, { from, secrets }];
    }

    #tellUnlessEnded(message: string): void {
        if (!this.#end.signal.aborted) {
            this.surroundings.progress(`${this.options.name}: ${message}`);
        }
    }

    #track(work: Promise<unknown>): void {
        this.#working.add(work);
        void work.finally(() => this.#working.delete(work));
    }
}
