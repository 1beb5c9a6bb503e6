import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The text of every file under a folder. */
export async function textUnder(folder: string): Promise<string> {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const texts = files.filter((f) => f.isFile()).map((f) => readFile(join(f.parentPath, f.name), "utf8"));
    // What is deleted meanwhile, by a process that goes on, has nothing to be searched.
    const there = texts.map((text) => text.catch((error) => (error.code === "ENOENT" ? "" : Promise.reject(error))));
    return (await Promise.all(there)).join("\n");
}
