import Table from "cli-table3";
import { goalRows } from "./goals";
import type { Results } from "./results";
import { written } from "./statistics";
import { comparison, growthHead, growthRows, ratios } from "./table";

/** What a run has found, for a terminal. */
export function report(results: Results): string {
    const { rotator, status, leftOut, made } = results;
    const compared = comparison(results);
    const quotients = ratios(results);
    return [
        table(compared.head, compared.rows),
        table(quotients.head, quotients.rows),
        table(growthHead, growthRows(results)),
        table(["goal", "measured", "met"], goalRows(results)),
        ...(rotator ? [`Rotator: ${written(rotator.steps.token.ms, 0)} ms to its first connection.`] : []),
        ...(status ? [`status over ${status.clusters} clusters: ${written(status.seconds)} s.`] : []),
        made.join("\n"),
        ...(leftOut.length > 0 ? [`Left out:\n${leftOut.map((line) => `  ${line}`).join("\n")}`] : []),
    ].join("\n");
}

function table(head: string[], rows: string[][]): string {
    const style = { head: [], border: [] };
    const made = new Table({ head, style, wordWrap: true, colWidths: head.map(() => 34) });
    made.push(...rows);
    return made.toString();
}
