import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choosePlugins } from "../../rehearsal/plugins/choose";
import { getPulumi } from "../../toolchain/pulumi";
import { replaceSection } from "./page-section";
import type { Row } from "./row";
import { repeatsSuffix } from "./until-begun";

const page = join(__dirname, "..", "..", "docs", "reliability.md");

/** With what a run was made, and when. */
export interface Made {
    /** The day, such as 2026-11-24. */
    day: string;
    /** Versions of the engine, Node.js and the plugins; stand-ins are called so. */
    with: string;
}

/** This machine's. */
export async function madeHere(): Promise<Made> {
    const quiet = () => {};
    const pulumi = await getPulumi(quiet);
    const plugins = (await choosePlugins({ pulumi, progress: quiet })).map(
        ({ name, version, official }) => `${name} ${version}${official ? "" : " (a stand-in)"}`,
    );
    return {
        day: new Date().toISOString().slice(0, 10),
        with: [`Pulumi ${pulumi.version}`, `Node.js ${process.versions.node}`, ...plugins].join(", "),
    };
}

/** Writes a section of docs/reliability.md anew. */
export function writeSection(name: "faults" | "chaos", content: string): void {
    writeFileSync(page, replaceSection(readFileSync(page, "utf8"), name, content));
}

/** Makes the folder in which the processes of a run tell what they have seen; it is gone with this process. */
export function reportFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "tests-"));
    process.once("exit", () => rmSync(folder, { recursive: true }));
    process.env.TESTS_REPORT = folder;
    return folder;
}

/** The rows that the processes of a run have left in a folder, in the order of chapters as they are declared. */
export function readRows(folder: string): Row[] {
    return linesOf(folder, ".jsonl").map((line) => JSON.parse(line));
}

/** How many runs of the engine the processes of a run have made again, by what they have left in a folder. */
export function countRepeats(folder: string): number {
    return linesOf(folder, repeatsSuffix).length;
}

function linesOf(folder: string, suffix: string): string[] {
    return readdirSync(folder)
        .filter((file) => file.endsWith(suffix))
        .sort()
        .flatMap((file) => readFileSync(join(folder, file), "utf8").trim().split("\n"));
}
