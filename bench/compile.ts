import { readdirSync } from "node:fs";
import { join, parse } from "node:path";
import { build } from "esbuild";
import { temporaryFolder } from "./temporary-folder";

/** The programs of the contenders, compiled to JavaScript, so that no contender pays for a compiler. */
export interface Compiled extends Disposable {
    /** Path of the process of the engine. */
    main: string;
    /** Path of the request that stands for kubectl's: see label-request.ts. */
    labelRequest: string;
    /** Path of a program, by the name of its file. */
    program(name: string): string;
}

/** Compiles them into a folder of their own, in which they find this package and its dependencies. */
export async function compile(): Promise<Compiled> {
    const folder = await temporaryFolder(join(__dirname, "..", ".rehearsal", "bench-"));
    const programs = join(__dirname, "programs");
    const files = readdirSync(programs).map((file) => join(programs, file));
    try {
        await build({
            entryPoints: [join(__dirname, "engine-main.ts"), join(__dirname, "label-request.ts"), ...files],
            outdir: folder.path,
            entryNames: "[name]",
            bundle: true,
            packages: "external",
            platform: "node",
            target: "node22",
            logLevel: "warning",
        });
    } catch (error) {
        folder[Symbol.dispose]();
        throw error;
    }
    const path = (name: string) => join(folder.path, `${parse(name).name}.js`);
    return {
        main: path("engine-main"),
        labelRequest: path("label-request"),
        program: path,
        [Symbol.dispose]: () => folder[Symbol.dispose](),
    };
}
