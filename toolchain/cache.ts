import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { executableName, isExecutable } from "./executable";
import type { Platform } from "./platform";
import type { Recipe } from "./recipe";

/** What is being made is thrown away after so long, in milliseconds: nobody can be at it still. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;
const STAGING = ".staging-";

/** A place for one tool in the cache. */
export interface Slot {
    /** Absolute path of the executable, there or not. */
    executable: string;
    /** Absolute path of the slot's folder, which exists only when it is complete. */
    folder: string;
    /** Absolute path of the folder that is the slot's lock. */
    lock: string;
}

/** The slot of a tool: by name, version and platform, e.g. `etcd-3.6.16-linux-x64/bin/etcd`. */
export function slotOf(recipe: Pick<Recipe, "name" | "version">, cacheFolder: string, platform: Platform): Slot {
    const key = `${recipe.name}-${recipe.version}-${platform.os}-${platform.arch}`;
    const folder = path.join(cacheFolder, key);
    return {
        executable: path.join(folder, "bin", executableName(recipe.name, platform.os)),
        folder,
        lock: path.join(cacheFolder, `.lock-${key}`),
    };
}

/** Whether the slot is filled. A slot appears whole or not at all, so that a look is enough. */
export function isFilled(slot: Slot): Promise<boolean> {
    return isExecutable(slot.executable);
}

/**
 * Fills a slot in one step: what `make` makes in a folder of its own beside it becomes the slot by a rename, after
 * `make` has resolved. If `make` rejects, nothing is left. If another process was faster, its result stands.
 */
export async function fill(
    slot: Slot,
    make: (target: { executable: string; folder: string }) => Promise<void>,
): Promise<void> {
    const cacheFolder = path.dirname(slot.folder);
    await mkdir(cacheFolder, { recursive: true });
    await removeAbandoned(cacheFolder);
    const staging = path.join(cacheFolder, `${STAGING}${randomUUID()}`);
    try {
        const executable = path.join(staging, path.relative(slot.folder, slot.executable));
        await mkdir(path.dirname(executable), { recursive: true });
        await make({ executable, folder: staging });
        await publish(staging, slot);
    } finally {
        await rm(staging, { recursive: true, force: true });
    }
}

async function publish(staging: string, slot: Slot): Promise<void> {
    try {
        await rename(staging, slot.folder);
    } catch (error) {
        if (await isFilled(slot)) {
            return;
        }
        // A folder without the executable is not of our making: somebody removed the file.
        await rm(slot.folder, { recursive: true, force: true });
        await rename(staging, slot.folder).catch(() => {
            throw error;
        });
    }
}

/** Removes what killed processes left behind. */
async function removeAbandoned(cacheFolder: string): Promise<void> {
    const entries = await readdir(cacheFolder);
    for (const entry of entries.filter((name) => name.startsWith(STAGING))) {
        const folder = path.join(cacheFolder, entry);
        const touched = await stat(folder).catch(() => undefined);
        if (touched && Date.now() - touched.mtimeMs > ABANDONED_AFTER) {
            await rm(folder, { recursive: true, force: true });
        }
    }
}
