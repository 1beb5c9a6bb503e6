import Table from "cli-table3";
import { createColors } from "picocolors";
import type { Diagnosis } from "./diagnose";
import type { DoctorFinding } from "./doctor-finding";
import type { Io } from "./io";
import { wrap } from "./wrap";

/** What a terminal can show. */
type Look = Pick<Io, "columns" | "color">;

/**
 * A diagnosis for people: a line for each check, then what to do.
 *
 * @param columns width of the terminal. Default: 100
 */
export function doctorTable({ clusterId, findings }: Diagnosis, { columns = 100, color = false }: Look = {}): string {
    const colors = createColors(color);
    const marks: Record<DoctorFinding["status"], string> = {
        ok: colors.green("✔"),
        warns: colors.yellow("⚠"),
        blocks: colors.red("✘"),
        unknown: colors.dim("?"),
    };
    const first = Math.max(...findings.map(({ check }) => check.length)) + 2;
    const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" };
    const rest = { "bottom-left": "", "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "" };
    const table = new Table({
        chars: { ...none, ...rest, right: "", "right-mid": "", middle: " " },
        style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
        colWidths: [2, first, Math.max(30, columns - first - 5)],
        wordWrap: true,
    });
    for (const { check, status, message } of findings) {
        table.push([marks[status], check, message]);
    }
    const advice = findings
        .filter((finding) => finding.advice !== "" && finding.status !== "ok")
        .map(({ status, check, advice }) => `${marks[status]} ${wrap(`${check}: ${advice}`, columns - 2, "", "  ")}`);
    return [
        clusterId,
        "",
        table.toString().replace(/ +$/gm, ""),
        ...(advice.length > 0 ? ["", "What to do:", ...advice] : []),
    ].join("\n");
}
