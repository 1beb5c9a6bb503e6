import * as z from "zod/mini";

/**
 * The most bytes of a document, of the 16 KiB that the rotator may print. The command plugin passes it on in one variable of
 * an environment, where Linux takes 128 KiB and Windows 32 KiB.
 */
export const MAX_DOCUMENT_BYTES = 15 * 1024;

/** The bytes of a document as it is printed. */
export function sizeOf(document: object): number {
    return Buffer.byteLength(JSON.stringify(document));
}

/**
 * Reads a JSON document that was written earlier and kept in the Pulumi state.
 *
 * @param schema what the document must be
 * @param text the document, as it was printed
 * @param what its name in an error, such as "rotation record"
 * @throws Error when it is not JSON, or not such a document; the text itself is not repeated in the message
 */
export function parseDocument<T extends z.ZodMiniType>(schema: T, text: string, what: string): z.output<T> {
    let json: unknown;
    try {
        json = JSON.parse(text);
    } catch {
        throw new Error(`The ${what} kept in the Pulumi state is not JSON. ${advice}`);
    }
    const result = schema.safeParse(json);
    if (!result.success) {
        throw new Error(`The ${what} kept in the Pulumi state cannot be read: ${problems(result.error)}. ${advice}`);
    }
    return result.data;
}

/** What is wrong with a document, one clause for each problem, with the path to it. */
export function problems(error: z.core.$ZodError): string {
    return error.issues.map((issue) => `${issue.path.join(".") || "the document"}: ${issue.message}`).join("; ");
}

const advice =
    "Was it written by a later version of this package, or edited by hand? " +
    "Nothing was rotated. Install the version that wrote it, or bring the stack's state back from its history.";

/** SHA-256 fingerprints of certificates: upper-case hexadecimal pairs with colons, as openssl prints them. Sorted. */
export const Fingerprints = z.array(z.string());

/** An instant: ISO 8601 in UTC. */
export const Instant = z.string();
