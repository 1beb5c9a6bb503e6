/**
 * Property values as Pulumi's engine and its plugins exchange them: JSON, in which secrets, unknowns and outputs are
 * marked by signatures (pulumi/sdk/go/common/resource, `SigKey` and the `UnknownXValue` constants).
 */

/** One property value, markers included. */
export type Value = null | boolean | number | string | Value[] | Properties;

/** The properties of a resource, by name. */
export interface Properties {
    [name: string]: Value;
}

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What stands for a value that is not known yet, where the type of the value does not matter. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const unknowns = new Set([
    unknown,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether `value` is a plain object: properties, or a marker. */
export function isProperties(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` itself is marked as a secret. */
export function isSecret(value: Value | undefined): value is Properties {
    return isProperties(value) && value[signatureKey] === secretSignature;
}

/** Whether `value` itself is unknown. */
export function isUnknown(value: Value | undefined): boolean {
    return typeof value === "string" && unknowns.has(value);
}

/** Marks `value` as a secret, as a whole and only once. */
export function secret(value: Value): Value {
    return { [signatureKey]: secretSignature, value: reveal(value) };
}

/** The same value without any marking of secrets, at any depth. */
export function reveal(value: Value): Value {
    if (Array.isArray(value)) {
        return value.map(reveal);
    }
    if (!isProperties(value)) {
        return value;
    }
    return isSecret(value) ? reveal(value.value ?? null) : revealAll(value);
}

/** The same properties without any marking of secrets, at any depth. */
export function revealAll(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, reveal(value)]));
}

function some(value: Value, test: (value: Value) => boolean): boolean {
    if (test(value)) {
        return true;
    }
    if (Array.isArray(value)) {
        return value.some((item) => some(item, test));
    }
    return isProperties(value) && Object.values(value).some((item) => some(item, test));
}

/** Whether there is an unknown anywhere in `value`. */
export function containsUnknowns(value: Value): boolean {
    return some(value, isUnknown);
}

/** Whether there is a secret anywhere in `value`. */
export function containsSecrets(value: Value): boolean {
    return some(value, isSecret);
}

/**
 * Turns output values, which the engine may send to plugins that accept them, into plain, secret or unknown ones.
 */
export function withoutOutputs(value: Value): Value {
    if (Array.isArray(value)) {
        return value.map(withoutOutputs);
    }
    if (!isProperties(value)) {
        return value;
    }
    if (value[signatureKey] !== outputSignature) {
        return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutOutputs(item)]));
    }
    const inner = value.value === undefined ? unknown : withoutOutputs(value.value);
    return value.secret === true ? secret(inner) : inner;
}
