import Table from "cli-table3";
import colors from "picocolors";
import type { Diagnosis } from "./diagnose";
import type { DoctorFinding } from "./doctor-finding";

const marks: Record<DoctorFinding["status"], string> = {
    ok: colors.green("✔"),
    warns: colors.yellow("⚠"),
    blocks: colors.red("✘"),
    unknown: colors.dim("?"),
};

/**
 * A diagnosis for people: a line for each check, then what to do.
 *
 * @param columns width of the terminal
 */
export function doctorTable({ clusterId, findings }: Diagnosis, columns: number): string {
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
        .map((finding) => `${marks[finding.status]} ${finding.check}: ${finding.advice}`);
    return [
        clusterId,
        "",
        table.toString().replace(/ +$/gm, ""),
        ...(advice.length > 0 ? ["", "What to do:", ...advice] : []),
    ].join("\n");
}
