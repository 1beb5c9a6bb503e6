import { createHash, randomBytes } from "node:crypto";
import type { Autonaming } from "../protocol/plugin";
import { isProperties, isSecret, isUnknown, type Properties, reveal, secret, type Value } from "../protocol/values";

/** Marks an object whose name the plugin made, so that a replacement gets a name of its own. */
const annotation = "pulumi.com/autonamed";

function annotations(object: Properties): Properties {
    const metadata = isProperties(object.metadata) ? object.metadata : {};
    return isProperties(metadata.annotations) ? metadata.annotations : {};
}

/** Whether the plugin made the object's name; `object` without any marking of secrets. */
export function autonamed(object: Properties): boolean {
    return annotations(object)[annotation] === "true";
}

function withMetadata(object: Properties, change: (metadata: Properties) => Properties): Properties {
    const { metadata } = object;
    if (isSecret(metadata)) {
        return { ...object, metadata: secret(change(reveal(metadata) as Properties)) };
    }
    return { ...object, metadata: change(isProperties(metadata) ? metadata : {}) };
}

function withName(object: Properties, name: Value): Properties {
    return withMetadata(object, (metadata) => {
        const given = isProperties(metadata.annotations) ? metadata.annotations : {};
        return { ...metadata, name, annotations: { ...given, [annotation]: "true" } };
    });
}

/** What a name is made from. */
export interface Naming {
    /** The resource's name in the program. */
    name: string;
    randomSeed: Uint8Array;
    autonaming?: Autonaming;
}

function makeName({ name, randomSeed, autonaming }: Naming): string | undefined {
    if (autonaming?.mode === "disable") {
        return undefined;
    }
    if (autonaming?.proposedName) {
        return autonaming.proposedName;
    }
    const suffix = randomSeed.length > 0 ? createHash("sha256").update(randomSeed).digest() : randomBytes(4);
    return `${name.toLowerCase()}-${suffix.toString("hex").slice(0, 8)}`;
}

/**
 * Gives an object without a name the one it has had, or a new one with a random suffix; leaves alone a name that is
 * given, or not known yet.
 *
 * @param olds The object's inputs of the last update, empty for a new object; without any marking of secrets.
 * @throws Error if the stack's config forbids making names.
 */
export function ensureName(news: Properties, olds: Properties, naming: Naming): Properties {
    const plain = reveal(news.metadata ?? {});
    const metadata = isProperties(plain) ? plain : {};
    if (
        isUnknown(plain) ||
        (metadata.name !== undefined && metadata.name !== "") ||
        metadata.generateName !== undefined
    ) {
        return news;
    }
    const old = isProperties(olds.metadata) ? olds.metadata.name : undefined;
    const name = old !== undefined && autonamed(olds) ? old : makeName(naming);
    if (name === undefined) {
        throw new Error(
            `resource ${naming.name} has no metadata.name, and names are not made here (pulumi:autonaming); give it one`,
        );
    }
    return withName(news, name);
}
