import { globSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../../rehearsal/project";
import { readStateFile } from "./state-file";

/**
 * What is in the stacks of a project's backend that somebody has done: of each Command its answer, of every other resource
 * that it is there. Pending operations do not count: an engine takes out those of a killed one as soon as it begins.
 */
export async function standing({ directory }: Pick<Project, "directory">): Promise<unknown> {
    const files = globSync(join(directory, "state", ".pulumi", "stacks", "*", "*.json")).sort();
    const stacks = files.map(async (file) => {
        const { resources = [] } = await readStateFile(file);
        // A provider is nothing in the world, and a component neither.
        const done = resources.filter(({ id, type }) => id !== undefined && !type.startsWith("pulumi:providers:"));
        return done.map(({ urn, outputs = {} }) => [urn, outputs.stdout]);
    });
    // A stack without resources stands as none does.
    return (await Promise.all(stacks)).filter((done) => done.length > 0);
}
