import { randomBytes } from "node:crypto";
import {
    type CheckAnswer,
    type CheckCall,
    type CreateCall,
    type DeleteCall,
    InitializationError,
    type Plugin,
    type ReadAnswer,
    type ReadCall,
    type ResourceCall,
    type UpdateCall,
} from "../protocol/plugin";
import { containsUnknowns, isProperties, type Properties, revealAll, type Value } from "../protocol/values";
import { versions } from "../versions";
import { ensureName } from "./autoname";
import { drifted, fromState, toState, withSecretsOf, withStringData } from "./checkpoint";
import { type Configuration, readConfiguration } from "./configuration";
import { StatusError, UnreachableError } from "./connection";
import { diff } from "./diff";
import { diffConfig } from "./diff-config";
import { isNamespaced, kindOf } from "./kinds";
import { identityOf, metadataOf, NoKindError, type Objects } from "./objects";
import { strictModeFailures } from "./strict-mode";
import { WaitError } from "./wait";
import { change, remove, settle } from "./writing";

const unreachable = "configured Kubernetes cluster is unreachable";
const forget =
    'If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';

function idOf(object: Properties): string {
    const { name, namespace } = identityOf(object);
    return namespace ? `${namespace}/${name}` : name;
}

/** What the program may say of an object; the API server fills in the rest. */
function inputsFromLive(live: Properties): Properties {
    const { status, metadata, ...rest } = live;
    const { name, namespace, labels, annotations } = metadataOf(live);
    const given = Object.entries({ name, namespace, labels, annotations }).filter(([, value]) => value !== undefined);
    return { ...rest, metadata: Object.fromEntries(given) as Properties };
}

/** Stands in for the kubernetes plugin: single objects of any kind, on a real API server. */
export class KubernetesPlugin implements Plugin {
    readonly version = versions.kubernetes;
    readonly abilities = {
        acceptSecrets: true,
        supportsPreview: true,
        acceptResources: false,
        acceptOutputs: false,
        supportsAutonamingConfiguration: true,
    };
    readonly diffConfig = diffConfig;
    #configuration: Configuration | undefined;

    get #config(): Configuration {
        this.#configuration ??= readConfiguration({});
        return this.#configuration;
    }

    async configure(variables: Record<string, string>): Promise<void> {
        this.#configuration = readConfiguration(variables);
    }

    async checkConfig({ urn, news }: CheckCall): Promise<CheckAnswer> {
        return { inputs: news, failures: strictModeFailures(urn, revealAll(news)) };
    }

    async check({ type, name, olds, news, randomSeed, autonaming }: CheckCall): Promise<CheckAnswer> {
        const kind = kindOf(type);
        const given = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null));
        const named = ensureName({ ...given, ...kind }, revealAll(olds), { name, randomSeed, autonaming });
        const { metadata } = named;
        const namespaced = isNamespaced(kind) ?? (await this.#discoverNamespaced(kind));
        if (namespaced && isProperties(metadata) && !revealAll(metadata).namespace) {
            named.metadata = { ...metadata, namespace: this.#config.namespace };
        }
        return { inputs: withSecretsOf({}, named) };
    }

    /** A kind that cannot be asked for is taken to live in namespaces; making the object corrects it. */
    async #discoverNamespaced(kind: { apiVersion: string; kind: string }): Promise<boolean> {
        try {
            return (await this.#config.objects().endpoint(kind)).namespaced;
        } catch {
            return true;
        }
    }

    async diff({ type, olds, oldInputs, news, ignoreChanges }: Parameters<Plugin["diff"]>[0]) {
        const { inputs, live } = fromState(olds);
        const before = Object.keys(oldInputs).length > 0 ? revealAll(oldInputs) : inputs;
        return diff({
            kind: kindOf(type),
            olds: before,
            news: revealAll(news),
            liveName: identityOf(live).name,
            ignoreChanges,
            mutable: this.#config.mutable,
        });
    }

    /** The object to send: no secrets marked, and no namespace where the kind has none. */
    async #toSend(objects: Objects, inputs: Properties): Promise<Properties> {
        const object = revealAll(inputs);
        const { namespace, ...metadata } = metadataOf(object);
        return (await objects.endpoint(identityOf(object)).catch(() => undefined))?.namespaced === false
            ? { ...object, metadata }
            : object;
    }

    async create(call: CreateCall): Promise<{ id: string; properties: Properties }> {
        const { inputs, preview, signal, urn } = call;
        const fieldManager = `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
        const initialApiVersion = String(inputs.apiVersion);
        const state = (live: Properties) => toState({ inputs, live, fieldManager, initialApiVersion });
        if (preview && containsUnknowns(inputs)) {
            return { id: "", properties: inputs };
        }
        try {
            const objects = this.#config.objects();
            const object = await this.#toSend(objects, inputs);
            const made = await objects.create(object, { fieldManager, dryRun: preview, signal });
            if (preview) {
                const { status, ...rest } = made;
                return { id: "", properties: state(rest) };
            }
            call.log("info", "", true);
            const live = await this.#settled(call, objects, made, state, "was successfully created, but");
            return { id: idOf(live), properties: state(live) };
        } catch (error) {
            if (preview && !(error instanceof StatusError && error.reason === "Invalid")) {
                // What cannot be tried now may well work when it is its turn: its namespace, its kind, or its cluster
                // may be made by the same update.
                return { id: "", properties: inputs };
            }
            if (error instanceof UnreachableError) {
                throw new Error(`${unreachable}: ${error.message}`);
            }
            if (error instanceof NoKindError) {
                throw new Error(
                    `creation of resource "${urn}" failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
                );
            }
            if (error instanceof StatusError) {
                throw new Error(
                    `resource "${urn}" was not successfully created by the Kubernetes API server: ${error.message}`,
                );
            }
            throw error;
        }
    }

    async #settled(
        call: ResourceCall & { timeout: number },
        objects: Objects,
        written: Properties,
        state: (live: Properties) => Properties,
        what: string,
    ): Promise<Properties> {
        try {
            const live = await settle(objects, written, call, call.timeout);
            call.log("info", "", true);
            return live;
        } catch (error) {
            if (error instanceof WaitError) {
                const message = `resource "${call.urn}" ${what} the Kubernetes API server reported that it failed to fully initialize or become live: ${error.message}`;
                const reasons = [message, ...(error.detail ? [error.detail] : [])];
                throw new InitializationError(message, idOf(error.live), state(error.live), reasons);
            }
            throw error;
        }
    }

    async read({ id, type, properties, inputs, log, signal }: ReadCall): Promise<ReadAnswer | undefined> {
        const old = fromState(properties);
        const [name = "", namespace] = id.split("/").reverse();
        const kind = kindOf(type);
        const apiVersion = typeof inputs.apiVersion === "string" ? inputs.apiVersion : kind.apiVersion;
        try {
            const live = await this.#config.objects().read({ apiVersion, kind: kind.kind, name, namespace }, signal);
            if (!live) {
                return undefined;
            }
            const shape = revealAll(inputs);
            const known = Object.keys(shape).length > 0;
            const seen = known ? (drifted(shape, old.live, live) as Properties) : inputsFromLive(live);
            const now = withSecretsOf(inputs, withStringData(seen, shape, live));
            const fieldManager = old.fieldManager || `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
            const initialApiVersion = old.initialApiVersion || apiVersion;
            return { id, properties: toState({ inputs: now, live, fieldManager, initialApiVersion }), inputs: now };
        } catch (error) {
            if (error instanceof NoKindError) {
                return undefined;
            }
            if (this.#isForgotten(error, log)) {
                return undefined;
            }
            if (error instanceof UnreachableError) {
                throw new Error(`failed to read resource state due to unreachable cluster. ${forget}`);
            }
            throw error;
        }
    }

    /** Whether an object on a cluster out of reach is to be dropped from the state; says why in any case. */
    #isForgotten(error: unknown, log: ResourceCall["log"]): boolean {
        if (!(error instanceof UnreachableError)) {
            return false;
        }
        log("warning", `${unreachable}: ${error.message}`);
        if (this.#config.deleteUnreachable) {
            log(
                "info",
                `${unreachable} and the \`deleteUnreachable\` option is enabled. Deleting the unreachable resource from Pulumi state`,
            );
        }
        return this.#config.deleteUnreachable;
    }

    async update(call: UpdateCall): Promise<Properties> {
        const { news, olds, preview, signal, urn } = call;
        const { fieldManager, initialApiVersion, live: old } = fromState(olds);
        const state = (live: Properties) => toState({ inputs: news, live, fieldManager, initialApiVersion });
        if (preview && containsUnknowns(news)) {
            return news;
        }
        try {
            const objects = this.#config.objects();
            const object = await this.#toSend(objects, news);
            const metadata = { name: identityOf(old).name, ...metadataOf(object) } as Record<string, Value>;
            const written = await change(objects, { ...object, metadata }, { fieldManager, dryRun: preview, signal });
            if (preview) {
                return state(written);
            }
            return state(await this.#settled(call, objects, written, state, "was successfully updated, but"));
        } catch (error) {
            if (preview && !(error instanceof StatusError && error.code !== 403)) {
                return news;
            }
            if (error instanceof UnreachableError) {
                throw new Error(`${unreachable}: ${error.message}`);
            }
            if (error instanceof StatusError) {
                const conflict =
                    error.code === 409
                        ? `Server-Side Apply field conflict detected. The resource managed by field manager "${fieldManager}" had an apply conflict: `
                        : "";
                throw new Error(`update of resource "${urn}" failed: ${conflict}${error.message}`);
            }
            throw error;
        }
    }

    async delete(call: DeleteCall): Promise<void> {
        const { id, log, properties, timeout } = call;
        const { live, fieldManager, initialApiVersion, inputs } = fromState(properties);
        try {
            await remove(this.#config.objects(), live, call, timeout);
            log("info", "", true);
        } catch (error) {
            if (error instanceof NoKindError || this.#isForgotten(error, log)) {
                return;
            }
            if (error instanceof UnreachableError) {
                throw new Error(`${unreachable}. ${forget}`);
            }
            if (error instanceof WaitError) {
                const state = toState({ inputs, live: error.live, fieldManager, initialApiVersion });
                throw new InitializationError(error.message, id, state);
            }
            throw error;
        }
    }

    async invoke(token: string): Promise<Properties> {
        throw new Error(`The stand-in for the kubernetes plugin has no functions, so not ${token}.`);
    }
}
