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
    const width = Math.max(...findings.map(({ check }) => check.length)) + 3;
    const rows = findings.map(({ check, status, message }) => {
        const indent = `   ${" ".repeat(width)}`;
        // The mark is put in afterwards: its colour has no width.
        return `${marks[status]}${wrap(message, columns, `   ${check.padEnd(width)}`, indent).slice(1)}`;
    });
    const advice = findings
        .filter((finding) => finding.advice !== "" && finding.status !== "ok")
        .map(({ status, check, advice }) => `${marks[status]} ${wrap(`${check}: ${advice}`, columns - 2, "", "  ")}`);
    return [clusterId, "", ...rows, ...(advice.length > 0 ? ["", "What to do:", ...advice] : [])].join("\n");
}
