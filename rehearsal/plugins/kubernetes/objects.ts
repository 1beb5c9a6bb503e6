import { setTimeout as sleep } from "node:timers/promises";
import { isProperties, type Properties } from "../protocol/values";
import { type Connection, StatusError } from "./connection";
import { isBuiltIn, type Kind } from "./kinds";

/** Where the objects of a kind live in the API. */
interface Endpoint {
    plural: string;
    namespaced: boolean;
}

/** What names one object. */
export interface Identity extends Kind {
    name: string;
    /** Left out for objects that live in no namespace, and ignored if given for them. */
    namespace?: string;
}

/** The API server knows no such kind: usually, a CustomResourceDefinition is missing. */
export class NoKindError extends Error {
    constructor({ apiVersion, kind }: Kind) {
        super(`no matches for kind "${kind}" in version "${apiVersion}"`);
    }
}

function text(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" ? value : undefined;
}

/** An object's metadata; empty if it has none. */
export function metadataOf(object: Properties): Properties {
    return isProperties(object.metadata) ? object.metadata : {};
}

/** What names `object`, or would once it is made. */
export function identityOf(object: Properties): Identity {
    const { name, namespace } = metadataOf(object);
    const { apiVersion, kind } = object;
    return { apiVersion: String(apiVersion), kind: String(kind), name: text(name) ?? "", namespace: text(namespace) };
}

/** How an object is written. */
export interface WriteOptions {
    fieldManager: string;
    /** Only tries what would happen. */
    dryRun?: boolean;
    /** Takes over fields that somebody else has set. */
    force?: boolean;
    signal?: AbortSignal;
}

function query({ fieldManager, dryRun, force }: WriteOptions): Record<string, string> {
    return { fieldManager, ...(dryRun && { dryRun: "All" }), ...(force && { force: "true" }) };
}

/** Objects of any kind on one API server. */
export class Objects {
    readonly #groups = new Map<string, Promise<Map<string, Endpoint>>>();

    constructor(private readonly connection: Connection) {}

    async #discover(apiVersion: string): Promise<Map<string, Endpoint>> {
        const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
        const answer = await this.connection.send({ method: "GET", path });
        const resources = (Array.isArray(answer.resources) ? answer.resources : []).filter(isProperties);
        return new Map(
            resources
                .filter(({ name }) => !String(name).includes("/"))
                .map(({ kind, name, namespaced }) => [
                    String(kind),
                    { plural: String(name), namespaced: namespaced === true },
                ]),
        );
    }

    /**
     * @throws NoKindError if the API server does not know the kind.
     */
    async endpoint(kind: Kind): Promise<Endpoint> {
        const { apiVersion } = kind;
        const known = this.#groups.get(apiVersion) ?? this.#discover(apiVersion);
        this.#groups.set(apiVersion, known);
        try {
            const endpoint = (await known).get(kind.kind);
            if (endpoint) {
                return endpoint;
            }
        } catch (error) {
            this.#groups.delete(apiVersion);
            if (!(error instanceof StatusError && error.code === 404)) {
                throw error;
            }
        }
        this.#groups.delete(apiVersion);
        throw new NoKindError(kind);
    }

    async #path(identity: Identity, collection = false): Promise<string> {
        const { apiVersion, name, namespace } = identity;
        const { plural, namespaced } = await this.endpoint(identity);
        const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
        const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace ?? "default")}` : "";
        return `${group}${scope}/${plural}${collection ? "" : `/${encodeURIComponent(name)}`}`;
    }

    /**
     * Makes a new object; one that is there already is left alone.
     *
     * A kind that the server does not know yet is waited for, for some seconds: its definition may be brand new.
     *
     * @throws StatusError with the reason AlreadyExists.
     */
    async create(object: Properties, options: WriteOptions): Promise<Properties> {
        const identity = identityOf(object);
        const path = await this.#pathOfNewKind(identity, options);
        const { signal } = options;
        return await this.connection.send({ method: "POST", path, query: query(options), body: object, signal });
    }

    async #pathOfNewKind(identity: Identity, { dryRun, signal }: WriteOptions): Promise<string> {
        for (const pause of dryRun || isBuiltIn(identity) ? [] : [100, 200, 400, 800, 1600]) {
            try {
                return await this.#path(identity, true);
            } catch (error) {
                if (!(error instanceof NoKindError)) {
                    throw error;
                }
                await sleep(pause, undefined, { signal });
            }
        }
        return await this.#path(identity, true);
    }

    /** @returns undefined if there is no such object. */
    async read(identity: Identity, signal?: AbortSignal): Promise<Properties | undefined> {
        try {
            return await this.connection.send({ method: "GET", path: await this.#path(identity), signal });
        } catch (error) {
            if (error instanceof StatusError && error.code === 404) {
                return undefined;
            }
            throw error;
        }
    }

    /** Server-side apply: what `options.fieldManager` had set and `object` lacks is removed. */
    async apply(object: Properties, options: WriteOptions): Promise<Properties> {
        const path = await this.#path(identityOf(object));
        const contentType = "application/apply-patch+yaml";
        const { signal } = options;
        return await this.connection.send({
            method: "PATCH",
            path,
            query: query(options),
            body: object,
            contentType,
            signal,
        });
    }

    /** Puts `object` in the place of the one with its name. */
    async replace(object: Properties, options: WriteOptions): Promise<Properties> {
        const path = await this.#path(identityOf(object));
        const { signal } = options;
        return await this.connection.send({ method: "PUT", path, query: query(options), body: object, signal });
    }

    /** Applies a JSON patch (RFC 6902). */
    async patch(identity: Identity, operations: Properties[]): Promise<Properties> {
        const contentType = "application/json-patch+json";
        const path = await this.#path(identity);
        return await this.connection.send({ method: "PATCH", path, body: operations, contentType });
    }

    /**
     * Starts to delete an object.
     *
     * @returns Whether there was one.
     */
    async delete(identity: Identity, propagationPolicy: string): Promise<boolean> {
        try {
            const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
            await this.connection.send({ method: "DELETE", path: await this.#path(identity), body });
            return true;
        } catch (error) {
            if (error instanceof StatusError && error.code === 404) {
                return false;
            }
            throw error;
        }
    }
}
