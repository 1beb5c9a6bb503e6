import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { promisify } from "node:util";

const root = join(__dirname, "..", "..");

/** What a fresh clone does not have: names in the checkout's folder. */
const NOT_CLONED = [".git", "node_modules", "dist", ".rehearsal"];

/**
 * Copies the checkout as a fresh clone would have it: with nothing installed or built.
 *
 * @param folder is made
 */
export async function cloneCheckout(folder: string): Promise<void> {
    await cp(root, folder, {
        recursive: true,
        filter: (source) => {
            const [first = ""] = relative(root, source).split(sep);
            return !NOT_CLONED.includes(first) && !first.endsWith(".tgz");
        },
    });
}

/**
 * Copies the checkout as a fresh clone would have it, and does what `npm install` does in one: links the dependencies
 * that are installed here, and builds the programs. Tests that pack or build do so there, and change nothing that a user of
 * the checkout would run.
 *
 * @param folder is made
 */
export async function copyCheckout(folder: string): Promise<void> {
    await cloneCheckout(folder);
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    await npm(folder, ["run", "build"]);
}

/** What `npm pack` has made. */
export interface Packed {
    /** Absolute path of the package file. */
    file: string;
    /** Paths of what is in it. */
    paths: string[];
}

/** Packs a copy of the checkout, which thereafter has `dist/components` too. */
export async function pack(copy: string, destination: string): Promise<Packed> {
    const output = await npm(copy, ["pack", "--json", "--pack-destination", destination]);
    // Scripts that run before it print, too.
    const [{ filename, files }] = JSON.parse(output.slice(output.indexOf("[\n")));
    return { file: join(destination, filename), paths: files.map(({ path }: { path: string }) => path) };
}

/**
 * Installs a package file into a program's folder: itself as a folder of files, as npm does, and of what is installed
 * here only the dependencies that it declares, with the packages that are named besides.
 */
export async function installPacked(file: string, program: string, besides: readonly string[]): Promise<void> {
    const installed = join(program, "node_modules", "aks-certificate-rotation");
    await mkdir(installed, { recursive: true });
    await promisify(execFile)("tar", ["xzf", file, "--strip-components=1"], { cwd: installed });
    const { dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    for (const name of new Set([...Object.keys(dependencies), ...besides])) {
        const link = join(program, "node_modules", name);
        await mkdir(dirname(link), { recursive: true });
        await symlink(join(root, "node_modules", name), link, "junction");
    }
}

async function npm(cwd: string, args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)("npm", args, {
        cwd,
        maxBuffer: 64 * 1024 * 1024,
        shell: process.platform === "win32",
    });
    return stdout;
}
