import { isDeepStrictEqual } from "node:util";
import {
    containsSecrets,
    isProperties,
    isSecret,
    type Properties,
    reveal,
    revealAll,
    secret,
    type Value,
} from "../protocol/values";

/** What the plugin keeps in a resource's state beside the object itself. */
export interface Checkpoint {
    /** The inputs that made the object. */
    inputs: Properties;
    /** The object as the API server had it, without any marking of secrets. */
    live: Properties;
    fieldManager: string;
    initialApiVersion: string;
}

/**
 * Marks as secret what was a secret in `from`, and all data of a Secret. Only the smallest part that the secret is in:
 * one value in a map, but a list as a whole, since its order may change.
 */
export function withSecretsOf(from: Properties, object: Properties): Properties {
    const marked: Properties = { ...object };
    if (reveal(object.kind ?? null) === "Secret") {
        for (const name of ["data", "stringData"]) {
            const value = marked[name];
            if (value !== undefined) {
                marked[name] = secret(value);
            }
        }
        return marked;
    }
    for (const [name, before] of Object.entries(from)) {
        const value = marked[name];
        if (isProperties(value) && !isSecret(value) && isProperties(before) && !isSecret(before)) {
            marked[name] = withSecretsOf(before, value);
        } else if (value !== undefined && containsSecrets(before)) {
            marked[name] = secret(value);
        }
    }
    return marked;
}

/** The properties to keep in the state. */
export function toState({ inputs, live, fieldManager, initialApiVersion }: Checkpoint): Properties {
    return {
        ...withSecretsOf(inputs, live),
        __inputs: withSecretsOf(inputs, revealAll(inputs)),
        __initialApiVersion: initialApiVersion,
        __fieldManager: fieldManager,
    };
}

/** Reads what {@link toState} made; all of it without any marking of secrets. */
export function fromState(properties: Properties): Checkpoint {
    const { __inputs, __initialApiVersion, __fieldManager, ...live } = revealAll(properties);
    return {
        inputs: isProperties(__inputs) ? __inputs : {},
        live,
        fieldManager: typeof __fieldManager === "string" ? __fieldManager : "",
        initialApiVersion: String(__initialApiVersion ?? live.apiVersion ?? ""),
    };
}

/**
 * A program's inputs as they would have to be now: changed where the live object has changed since the state was
 * written, and only there. The API server writes some values its own way (`1000m` becomes `1`); that is no change.
 *
 * @param before The live object as the state has it.
 * @returns undefined where the live object no longer has the property.
 */
export function drifted(input: Value, before: Value | undefined, live: Value | undefined): Value | undefined {
    if (isDeepStrictEqual(before, live)) {
        return input;
    }
    if (live === undefined) {
        return undefined;
    }
    if (Array.isArray(live) && Array.isArray(input)) {
        const earlier = Array.isArray(before) ? before : [];
        return live.map((item, i) => (input[i] === undefined ? item : (drifted(input[i], earlier[i], item) ?? item)));
    }
    if (isProperties(live) && isProperties(input)) {
        const earlier = isProperties(before) ? before : {};
        const kept: Properties = {};
        for (const [name, value] of Object.entries(input)) {
            const now = drifted(value, earlier[name], live[name]);
            if (now !== undefined) {
                kept[name] = now;
            }
        }
        return kept;
    }
    return live;
}

/** The texts that a Secret was made from, as they are now: the API server keeps them in base64, as `data`. */
export function withStringData(inputs: Properties, shape: Properties, live: Properties): Properties {
    if (!isProperties(shape.stringData) || live.kind !== "Secret") {
        return inputs;
    }
    const data = isProperties(live.data) ? live.data : {};
    const texts = Object.keys(shape.stringData)
        .filter((name) => data[name] !== undefined)
        .map((name) => [name, Buffer.from(String(data[name]), "base64").toString("utf8")]);
    return { ...inputs, stringData: Object.fromEntries(texts) };
}
