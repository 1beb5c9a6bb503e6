import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

/** The programs of the contenders, compiled to JavaScript, so that no contender pays for a compiler. */
export interface Compiled extends AsyncDisposable {
    /** Path of the process of the engine. */
    main: string;
    /** Path of a program, by the name of its file. */
    program(name: string): string;
}

/** Compiles them into a folder of their own, in which they find this package and its dependencies. */
export async function compile(): Promise<Compiled> {
    const root = join(__dirname, "..");
    await mkdir(join(root, ".rehearsal"), { recursive: true });
    const outdir = await mkdtemp(join(root, ".rehearsal", "bench-"));
    const programs = join(__dirname, "programs");
    const files = readdirSync(programs).map((file) => join(programs, file));
    await build({
        entryPoints: [join(__dirname, "engine-main.ts"), ...files],
        outdir,
        entryNames: "[name]",
        bundle: true,
        packages: "external",
        platform: "node",
        target: "node22",
        logLevel: "warning",
    });
    const path = (name: string) => join(outdir, `${basename(name, ".ts")}.js`);
    return {
        main: path("engine-main"),
        program: path,
        [Symbol.asyncDispose]: () => rm(outdir, { recursive: true, force: true }),
    };
}
