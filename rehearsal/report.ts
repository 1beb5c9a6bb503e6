import Table from "cli-table3";
import pc from "picocolors";
import { checks, type RotationRecord } from "../formats/record";
import type { Access } from "./access";

/** What a rehearsal has seen, as `--report` writes it. */
export interface Report {
    /** Version of the engine. */
    pulumi: string;
    /** Version of the API server. */
    kubernetes: string;
    /** Which plugins were used, by name, and whether they are the official ones or stand-ins. */
    plugins: Record<string, { version: string; official: boolean }>;
    /** How many rotations the local AKS has started. */
    rotations: number;
    /** How many resources the engine has replaced, in all runs. */
    replaced: number;
    /** The Kubernetes objects under the provider, with their UIDs before and after the rotation. */
    downstream: { urn: string; uidBefore: string | undefined; uidAfter: string | undefined }[];
    /** What came of using the kubeconfig of before the rotation, after it. */
    oldCredentials: Access;
    /** What came of using the new kubeconfig. */
    newCredentials: Access;
    /** How long the rotation itself took, as the local AKS has it. */
    serverRotationSeconds: number;
    /** How much longer the rotating up took. */
    overheadSeconds: number;
}

/** All that the summary is made of. */
export interface Seen {
    report: Report;
    record: RotationRecord;
    /** Replacements that the preview announced. */
    previewReplaces: number;
    /** Whether the saved kubeconfig worked before the rotation. */
    savedWorked: boolean;
    /** Changes that the third up made. */
    thirdChanged: number;
    totalSeconds: number;
}

/** The summary table, and whether all of it held. */
export function summary({ report, record, ...seen }: Seen): { text: string; held: boolean } {
    const kept = report.downstream.filter(
        ({ uidBefore, uidAfter }) => uidBefore !== undefined && uidBefore === uidAfter,
    );
    const { outage } = record;
    const rows: [what: string, saw: string, held: boolean][] = [
        ["rotations that the cluster counted", `${report.rotations}`, report.rotations === 1],
        ["generation on record", `${record.generation}, ${record.outcome}`, record.generation === 2],
        [
            "verified",
            `${record.verified.length} of ${Object.keys(checks).length} checks`,
            record.verified.length === Object.keys(checks).length,
        ],
        [
            "saved kubeconfig",
            `${seen.savedWorked ? "worked" : "failed"} before; ${report.oldCredentials.error ?? "works still"}`,
            seen.savedWorked && /x509/.test(report.oldCredentials.error ?? ""),
        ],
        ["new kubeconfig", report.newCredentials.error ?? "works", report.newCredentials.accepted],
        [
            "resources replaced",
            `${report.replaced}; ${seen.previewReplaces} announced`,
            report.replaced + seen.previewReplaces === 0,
        ],
        [
            "objects with the UID they had",
            `${kept.length} of ${report.downstream.length}`,
            report.downstream.length === 4 && kept.length === 4,
        ],
        ["changes by the third up", `${seen.thirdChanged}`, seen.thirdChanged === 0],
        [
            "API server without an answer",
            `${outage?.totalSeconds} s, at longest ${outage?.longestSeconds} s`,
            outage !== null && outage.totalSeconds > 0,
        ],
    ];
    const table = new Table({
        head: ["", "what", "seen"],
        style: { head: [], border: [] },
        wordWrap: true,
        colWidths: [4, 36, 70],
    });
    for (const [what, saw, held] of rows) {
        table.push([held ? pc.green("✔") : pc.red("✘"), what, saw]);
    }
    const times =
        `The rotation took ${report.serverRotationSeconds.toFixed(1)} s, the up ${report.overheadSeconds.toFixed(1)} s more; ` +
        `the whole rehearsal ${seen.totalSeconds.toFixed(0)} s.`;
    return { text: `${table.toString()}\n${times}`, held: rows.every(([, , held]) => held) };
}
