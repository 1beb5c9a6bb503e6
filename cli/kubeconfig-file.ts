import { randomUUID } from "node:crypto";
import { chmod, mkdir, open, readFile, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import pRetry from "p-retry";
import { decodeText, describeFileError } from "./text-file";

/** For how long another program's lock is waited for: kubectl holds it for the time of one write. */
const lockTries = { retries: 20, minTimeout: 100, factor: 1 };

/** How often it is begun anew where somebody else, who takes no lock, has changed the file meanwhile. */
const changeTries = 3;

/** What came of a write. */
export interface Written {
    /** Where it is, links followed. */
    file: string;
    /** Where the former contents are; undefined where there were none, or nothing has changed. */
    backup?: string;
    /** The file's former mode, such as "644", where others than its owner could use it. */
    loose?: string;
}

/**
 * Changes a kubeconfig file, whole or not at all: the new contents are written beside it, by the same owner and readable
 * to nobody else, and take its place when they are on the disk. A link is followed, also one whose target is not there
 * yet. The new contents are UTF-8 without a byte order mark, as kubectl writes them. kubectl's lock is taken meanwhile, and
 * whatever another program writes without it is not lost: the change is made anew on top of that.
 *
 * @param path the file; it and its folder are made where they are not there
 * @param change makes the new contents of the old ones; "" where there is no file yet
 * @throws Error that names the file, with which nothing has happened
 */
export async function changeFile(path: string, change: (old: string) => string): Promise<Written> {
    try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const file = await followLinks(path);
        await refuseOtherKinds(file);
        await using _ = await lock(path);
        for (let attempt = 1; ; attempt++) {
            const done = await changeOnce(file, change);
            if (done !== undefined) {
                return done;
            }
            if (attempt === changeTries) {
                throw new Error("another program changes it all the time");
            }
        }
    } catch (error) {
        throw new Error(`${path} was not changed: ${inWords(error as NodeJS.ErrnoException)}`);
    }
}

/**
 * A file's mode where others than its owner can use it, such as "644"; else undefined. Windows has no such modes: whatever
 * can be written there is reported as 666.
 *
 * @param mode as `stat` gives it
 */
export function looseMode(mode: number, platform: NodeJS.Platform): string | undefined {
    return platform !== "win32" && (mode & 0o077) !== 0 ? (mode & 0o777).toString(8) : undefined;
}

/** @returns undefined where the file has changed meanwhile, and nothing was done */
async function changeOnce(file: string, change: (old: string) => string): Promise<Written | undefined> {
    const old = await contents(file);
    const before = old === undefined ? undefined : await stat(file);
    const text = change(old ?? "");
    const loose = before === undefined ? undefined : looseMode(before.mode, process.platform);
    if (text === old) {
        if (loose !== undefined) {
            await chmod(file, 0o600);
        }
        return { file, loose };
    }
    const fresh = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
    try {
        await using handle = await open(fresh, "wx", 0o600);
        await handle.writeFile(text);
        if (before !== undefined && before.uid !== process.getuid?.()) {
            // Under sudo, say: the file stays its owner's.
            await handle.chown(before.uid, before.gid);
        }
        await handle.sync();
        if ((await contents(file)) !== old) {
            return undefined;
        }
        const backup = old === undefined ? undefined : await backUp(file);
        await rename(fresh, file);
        return { file, backup, loose };
    } finally {
        await rm(fresh, { force: true });
    }
}

/** Copies the file, which nobody else may read from the first moment on. */
async function backUp(file: string): Promise<string> {
    const backup = `${file}.backup`;
    const fresh = `${backup}.${randomUUID()}`;
    try {
        await using handle = await open(fresh, "wx", 0o600);
        await handle.writeFile(await readFile(file));
        await handle.sync();
        await rename(fresh, backup);
    } finally {
        await rm(fresh, { force: true });
    }
    return backup;
}

/** @returns undefined where there is no file yet */
async function contents(file: string): Promise<string | undefined> {
    try {
        return decodeText(await readFile(file));
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return undefined;
        }
        throw error;
    }
}

/** @throws Error when there is something that is no file: a device could not be replaced, and a pipe not even be read */
async function refuseOtherKinds(file: string): Promise<void> {
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && !found.isFile()) {
        throw new Error(`it is ${found.isDirectory() ? "a directory" : "a device or a pipe"}, not a file`);
    }
}

/**
 * The file that a path leads to, whether it is there or not.
 *
 * @throws Error when the path is a link into a folder that is not there, as kubectl refuses it too; of a loop of links
 */
async function followLinks(path: string): Promise<string> {
    try {
        return await realpath(path);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
            throw error;
        }
    }
    const link = await readlink(path).catch(() => undefined);
    if (link === undefined) {
        return path;
    }
    const next = resolve(await realpath(dirname(path)), link);
    const folder = dirname(next);
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
        throw new Error(`it is a symbolic link to ${next}, but there is no folder ${folder}`);
    }
    return followLinks(next);
}

/** Takes kubectl's lock of a file. Source: client-go's `clientcmd` makes `<file>.lock`, which must not be there. */
async function lock(path: string): Promise<AsyncDisposable> {
    const file = `${path}.lock`;
    const isTaken = (error: Error) => (error as NodeJS.ErrnoException).code === "EEXIST";
    await pRetry(async () => (await open(file, "wx", 0o600)).close(), {
        ...lockTries,
        shouldRetry: ({ error }) => isTaken(error),
    }).catch((error: Error) => {
        throw isTaken(error)
            ? new Error(`${file} is there, the lock of a kubectl that is writing to it. Remove it if no kubectl runs.`)
            : error;
    });
    return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

function inWords(error: NodeJS.ErrnoException): string {
    switch (error.code) {
        case "EACCES":
        case "EPERM":
        case "EROFS":
            return `no permission (${error.code}: ${error.path}). Give a file of your own with --file.`;
        case "ENOSPC":
        case "EDQUOT":
            return "the disk is full.";
        case "EEXIST":
            return `${error.path} is not a folder.`;
        default:
            return describeFileError(error);
    }
}
