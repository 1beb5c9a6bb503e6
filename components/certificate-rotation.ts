import { createHash } from "node:crypto";
import { local } from "@pulumi/command";
import type { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { describeCertificate, sameFingerprints } from "../formats/certificate";
import { clusterId } from "../formats/cluster-id";
import { clientCertificate, parseKubeconfig } from "../formats/kubeconfig";
import { type Certificate, parseRecord, type RotationRecord } from "../formats/record";
import { restoreCommand } from "../formats/restore-command";
import { announcementHooks, warnIfLowered } from "./announce";
import { argumentNames, checkArguments, namesOf, refuseWrong } from "./arguments";
import { ambientSubscription, clientSubscription, ownAzureProvider, refuseOtherSubscription } from "./azure-provider";
import { hasSecretArgument, refuseWrongSignIn, signInEnvironment, withSignIn } from "./azure-sign-in";
import { hasExpired, readKubeconfig } from "./credentials";
import { kubernetesProvider, type ProviderSettings } from "./kubernetes-provider";
import { unknownUntilThere } from "./not-there-yet";
import { claimCluster, plainNames, soleClaim } from "./one-cluster";
import { PlainRunError } from "./plain-run-error";
import { stayUntil, warnInPreview } from "./preview-preflight";
import { warnIfRecreated } from "./recreated";
import { registerOutputsOf } from "./register-outputs";
import type { CertificateRotationArgs } from "./rotation-args";
import { rotateEnvironment, snapshotEnvironment } from "./rotator-environment";
import { rotatorInterpreter } from "./rotator-program";
import { unknownText } from "./unknown";
import { warnOfExpiry } from "./warn-expiry";

/** The certificates that a cluster's clients meet. */
export interface Certificates {
    /** The cluster CA; there can be more than one. */
    ca: Certificate[];
    /**
     * The API server's, as seen when the rotation record was made; null where it was not seen, or is out of date since
     * somebody else has rotated the cluster.
     */
    apiServer: Certificate | null;
    /** The client's, from the kubeconfig; null where it has none, as with Microsoft Entra ID. */
    client: Certificate | null;
}

/**
 * Rotates the certificates of an AKS cluster once for each raised rotation generation, checks the result, and hands
 * out the credentials that are in force, so that Kubernetes providers move to them in place.
 *
 * Errors: a wrong argument, a cluster that is not there (and that the program does not make), a missing right or sign-in
 * fail the preview already; what only a rotation can show fails the `up`. An `up` that failed is finished by the next one, without a second rotation.
 */
export class CertificateRotation extends pulumi.ComponentResource {
    /** The kubeconfig in force. In a preview that of today, or unknown where today's has expired. Secret. */
    public readonly kubeconfig: pulumi.Output<string>;
    /** The cluster's ARM id, lower case: what keeps a Kubernetes provider from being replaced when its CA changes. */
    public readonly clusterIdentifier: pulumi.Output<string>;
    /** The cluster CA, PEM; one certificate or more. */
    public readonly caCertificate: pulumi.Output<string>;
    /** SHA-256 fingerprints of the cluster CA: upper-case hexadecimal pairs with colons. */
    public readonly caFingerprints: pulumi.Output<string[]>;
    /** Subject, issuer and expiry of the cluster's certificates. */
    public readonly certificates: pulumi.Output<Certificates>;
    /** What is known of the last rotation, or of the adoption: when, how long, outage, what was verified and what not. */
    public readonly rotation: pulumi.Output<RotationRecord>;

    private readonly name: string;
    private madeProvider: KubernetesProvider | undefined;
    private readonly serverApplicationId: pulumi.Output<string | undefined>;

    /**
     * @param name unique name of the component in the stack
     * @param args the cluster and its generation
     * @param opts as for any component; an azure-native provider in `providers` is used for the cluster's credentials.
     *   Where the same program makes the cluster, and names it here in plain text, `dependsOn` must have it
     */
    constructor(name: string, args: CertificateRotationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("aks-certificate-rotation:index:CertificateRotation", name, {}, opts);
        this.name = name;
        // What is known now is refused now: the message of an error inside of an output comes wrapped in others.
        const known = argumentNames.filter(
            (key) => !pulumi.Output.isInstance(args[key]) && !(args[key] instanceof Promise),
        );
        orRunError(name, () =>
            refuseWrong(
                args,
                known.filter((key) => key !== "subscriptionId" || args[key] !== undefined),
            ),
        );

        const { azure, ...rest } = args;
        const given = this.getProvider("azure-native:containerservice:ManagedCluster");
        orRunError(name, () => refuseWrongSignIn(azure, given));
        const provider = given ?? ownAzureProvider(this, name, args.subscriptionId, azure);
        const invokeOptions: pulumi.InvokeOptions = { parent: this, provider };
        // Asked at once, so that azure-native signs in while the Commands are looked at, and not after them.
        const used = clientSubscription(invokeOptions).catch((error: Error) => refuse(name, error));
        const knownSubscription = args.subscriptionId ?? ambientSubscription(given);
        const subscriptionId = pulumi.output(knownSubscription).apply((id) => id ?? used);
        // What is known now is claimed now: a program fails before anything of it has begun.
        const isAmbient = args.subscriptionId === undefined && given === undefined;
        const claim = { component: this, name };
        for (const named of plainNames(args, knownSubscription, isAmbient)) {
            orRunError(name, () => claimCluster(named, claim));
        }
        // From nothing but the names: it must be known, and the same, whatever else is not.
        this.clusterIdentifier = pulumi
            .all([subscriptionId, args.clusterId, args.resourceGroupName, args.clusterName])
            .apply(([subscription, id, group, cluster]) =>
                orRunError(name, () => {
                    const given = { clusterId: id, resourceGroupName: group, clusterName: cluster };
                    const { resourceGroupName, clusterName } = namesOf(given, subscription);
                    const identifier = clusterId(subscription, resourceGroupName, clusterName);
                    claimCluster(identifier, claim);
                    return identifier;
                }),
            );
        // After the claim, and so the Commands are too.
        const checked = pulumi.all([{ ...rest, subscriptionId }, this.clusterIdentifier]).apply(async ([plain]) => {
            await soleClaim(claim).catch((error: Error) => refuse(name, error));
            return orRunError(name, () => checkArguments(plain));
        });
        this.serverApplicationId = checked.apply((c) => c.serverApplicationId);

        const signIn = signInEnvironment(azure, given, this);
        const interpreter = orRunError(name, rotatorInterpreter);
        const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
        // The rotator prints no secret; what a later Node.js or a library prints there is not known.
        const commandOptions = { parent: this, additionalSecretOutputs: ["stderr"] };
        const intent = new local.Command(
            `${name}-intent`,
            {
                interpreter,
                create: "snapshot",
                update: "snapshot",
                environment: withSignIn(
                    checked.apply((c) => snapshotEnvironment(c, stack)),
                    signIn,
                ),
                logging: "stderr",
            },
            commandOptions,
        );
        // Nothing secret is in what the rotator prints, whatever it was told to sign in with.
        const intentText = pulumi.unsecret(intent.stdout);
        const announced = {
            args: checked,
            clusterId: this.clusterIdentifier,
            intent: intentText,
            caFingerprints: () => this.caFingerprints,
            invokeOptions,
        };
        const rotation = new local.Command(
            `${name}-rotation`,
            {
                interpreter,
                create: "adopt",
                update: "rotate",
                environment: withSignIn(
                    pulumi.all([checked, intentText]).apply(([c, text]) => rotateEnvironment(c, stack, text)),
                    signIn,
                ),
                logging: "stderr",
            },
            // The engine's log, at its most verbose, has in clear what a hook is given: all inputs of the Command.
            { ...commandOptions, hooks: hasSecretArgument(azure, given) ? {} : announcementHooks(this, announced) },
        );
        const recordText = pulumi.unsecret(rotation.stdout);
        this.rotation = pulumi.all([recordText, this.clusterIdentifier]).apply(([text, id]) =>
            orRunError(name, () => {
                if (!text) {
                    throw new Error(
                        "The rotation record is lost: the Command that has printed it is empty in the state, as pulumi " +
                            `refresh can leave it. Nothing was rotated. Bring it back: ${restoreCommand(stack, id)}`,
                    );
                }
                return parseRecord(text);
            }),
        );
        warnIfLowered(this, checked, this.rotation);

        // In a preview the credentials are those of today, whether or not a rotation is pending: so everything that
        // depends on them is diffed exactly. In an up they are those of after the rotation. They depend on the rotation in
        // both: an update plan does not hold where dependencies differ.
        const made = pulumi.runtime.isDryRun() ? rotation.urn.apply(() => undefined) : this.rotation;
        const current = pulumi.secret(
            pulumi.all([checked, made, used]).apply(([c, record, subscription]) => {
                orRunError(name, () => refuseOtherSubscription(c.subscriptionId, subscription));
                const reading = unknownUntilThere(readKubeconfig(c, record, invokeOptions), opts);
                return reading.catch((error: Error) => refuse(name, error));
            }),
        );
        const ca = pulumi.unsecret(current.apply(caOf));
        warnInPreview(this, checked, { record: rotation.stdout, kubeconfig: current }, { signIn, interpreter, stack });

        const usable = current.apply((text) =>
            pulumi.runtime.isDryRun() && hasExpired(text, Date.now()) ? unknownText : text,
        );
        this.caCertificate = ca.apply(({ certificate }) => certificate);
        this.caFingerprints = ca.apply(({ fingerprints }) => fingerprints);
        this.certificates = pulumi.unsecret(pulumi.all([current, this.rotation]).apply(certificatesOf));
        warnOfExpiry(this, this.certificates);
        stayUntil(
            warnIfRecreated(
                this,
                checked,
                { record: this.rotation, caFingerprints: this.caFingerprints },
                invokeOptions,
            ),
        );

        // Where an update plan is violated the engine prints what differs, secrets too: so the credentials are among these
        // outputs by their hash alone, and go to nobody before the engine has accepted that.
        const accepted = registerOutputsOf(this, {
            credentialsHash: pulumi.unsecret(usable.apply(hashOf)),
            clusterIdentifier: this.clusterIdentifier,
            caCertificate: this.caCertificate,
            caFingerprints: this.caFingerprints,
            certificates: this.certificates,
            rotation: this.rotation,
        });
        this.kubeconfig = usable.apply(async (text) => {
            await accepted;
            return text;
        });
    }

    /** The SDK calls it at the end of every component; the outputs of this one are registered by then. */
    protected override registerOutputs(): void {}

    /**
     * A Kubernetes provider for the cluster, which moves to new certificates in place. It is made when it is first
     * asked for, since each one costs a process of the engine.
     */
    public get provider(): KubernetesProvider {
        return this.madeProvider ?? this.makeProvider();
    }

    /**
     * Makes `provider` with settings of your own, or takes over a Kubernetes provider that the stack has already,
     * with all that is under it:
     *
     * ```ts
     * rotation.makeProvider({ namespace: "shop" }, { aliases: [{ name: "k8s", parent: pulumi.rootStackResource }] });
     * ```
     *
     * Take a provider over with the settings it has, in an `up` that rotates nothing, and with
     * `ignoreChanges: ["kubeconfig"]` for that one `up`: adding the identifier and changing the CA in one update is a
     * replacement. Step by step: docs/moving.md.
     *
     * A kubeconfig that signs in by a program which is not on this machine (kubelogin) fails the preview, and the `up`.
     *
     * @param settings as for `kubernetes.Provider`
     * @param opts as for any resource; `parent` is the component
     * @throws Error when `provider` has been made already
     */
    public makeProvider(settings: ProviderSettings = {}, opts: pulumi.ResourceOptions = {}): KubernetesProvider {
        if (this.madeProvider !== undefined) {
            throw new Error(
                `The provider of ${this.name} has been made already; call makeProvider before its first use.`,
            );
        }
        this.madeProvider = kubernetesProvider(
            `${this.name}-provider`,
            {
                ...settings,
                kubeconfig: this.kubeconfig,
                clusterIdentifier: this.clusterIdentifier,
                serverApplicationId: this.serverApplicationId,
            },
            { parent: this, ...opts },
        );
        return this.madeProvider;
    }
}

function caOf(kubeconfig: string) {
    const { caCertificate, caFingerprints } = parseKubeconfig(kubeconfig);
    return { certificate: caCertificate, fingerprints: caFingerprints };
}

/** A kubeconfig without secrets has none to give away; one with them has too many bits to be guessed. */
function hashOf(kubeconfig: string): string {
    return createHash("sha256").update(kubeconfig).digest("hex");
}

function certificatesOf([text, record]: [kubeconfig: string, record: RotationRecord]): Certificates {
    const kubeconfig = parseKubeconfig(text);
    const client = clientCertificate(kubeconfig);
    return {
        ca: kubeconfig.ca.map(describeCertificate),
        apiServer: sameFingerprints(kubeconfig.caFingerprints, record.caAfter) ? record.apiServerCertificate : null,
        client: client === undefined ? null : describeCertificate(client),
    };
}

function orRunError<T>(name: string, act: () => T): T {
    try {
        return act();
    } catch (error) {
        return refuse(name, error as Error);
    }
}

function refuse(name: string, { message }: Error): never {
    throw new PlainRunError(`${name}: ${message}`);
}
