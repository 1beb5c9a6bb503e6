/**
 * The part of the npm package reflect-metadata that tsyringe, inside @peculiar/x509, asks for: it refuses to load
 * without. Import it before @peculiar/x509. A reflect-metadata that is already loaded is left as it is.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

function getOwnMetadata(key: unknown, target: object): unknown {
    return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
    for (let level: object | null = target; level !== null; level = Object.getPrototypeOf(level)) {
        const found = getOwnMetadata(key, level);
        if (found !== undefined) {
            return found;
        }
    }
    return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
    const known = metadata.get(target) ?? new Map<unknown, unknown>();
    metadata.set(target, known.set(key, value));
}

if (!("getMetadata" in Reflect)) {
    Object.assign(Reflect, { getOwnMetadata, getMetadata, defineMetadata });
}
