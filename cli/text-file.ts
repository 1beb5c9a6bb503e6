import { readFile } from "node:fs/promises";

/**
 * Reads a text file that a person or another program has written.
 *
 * @throws Error with the reason as a clause, such as "it is a directory"; it does not repeat the path or the contents
 */
export async function readTextFile(path: string): Promise<string> {
    const text = await readIfThere(path);
    if (text === undefined) {
        throw new Error("there is no such file");
    }
    return text;
}

/**
 * Reads a text file as {@link readTextFile} does; undefined where there is none.
 *
 * @throws Error with the reason as a clause
 */
export async function readIfThere(path: string): Promise<string | undefined> {
    try {
        return decodeText(await readFile(path));
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return undefined;
        }
        throw new Error(describeFileError(error as NodeJS.ErrnoException));
    }
}

/**
 * Decodes a file's contents: UTF-8, with or without a byte order mark; UTF-16 with one, as PowerShell's `>` writes it.
 *
 * @returns the text without the byte order mark; line breaks stay as they are
 * @throws Error with the reason as a clause
 */
export function decodeText(bytes: Uint8Array): string {
    const encoding = startsWith(bytes, 0xff, 0xfe) ? "utf-16le" : startsWith(bytes, 0xfe, 0xff) ? "utf-16be" : "utf-8";
    try {
        return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
        throw new Error("it is not UTF-8 text");
    }
}

/** Describes why a file could not be read or opened, as a clause about it. */
export function describeFileError(error: NodeJS.ErrnoException): string {
    switch (error.code) {
        case "ENOENT":
            return "there is no such file";
        case "ENOTDIR":
            return "a folder in its path is a file";
        case "EISDIR":
            return "it is a directory";
        case "EACCES":
        case "EPERM":
            return `this user has no permission for it (${error.code})`;
        case "ELOOP":
            return "its symbolic links form a loop";
        default:
            return error.message;
    }
}

function startsWith(bytes: Uint8Array, first: number, second: number): boolean {
    return bytes[0] === first && bytes[1] === second;
}
