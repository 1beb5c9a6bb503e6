import Table from "cli-table3";
import { goalRows } from "./goals";
import { growthTable } from "./growth-table";
import type { Results } from "./results";
import { written } from "./statistics";
import { comparison, ratios } from "./table";

/** What a run has found, for a terminal. */
export function report(results: Results): string {
    const { rotator, status, leftOut, made } = results;
    const goals = { head: ["goal", "measured", "met"], rows: goalRows(results) };
    return [
        ...[comparison(results), ratios(results), growthTable(results), goals].map(drawn),
        ...(rotator ? [`Rotator: ${written(rotator.steps.token.ms, 0)} ms to its first connection.`] : []),
        ...(status ? [`status over ${status.clusters} clusters: ${written(status.seconds)} s.`] : []),
        made.join("\n"),
        ...(leftOut.length > 0 ? [`Left out:\n${leftOut.map((line) => `  ${line}`).join("\n")}`] : []),
    ].join("\n");
}

function drawn({ head, rows }: { head: string[]; rows: string[][] }): string {
    const style = { head: [], border: [] };
    const table = new Table({ head, style, wordWrap: true, colWidths: head.map(() => 34) });
    table.push(...rows);
    return table.toString();
}
