import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import { createColors } from "picocolors";
import type { CertificateStatus, ClusterStatus, State, StatusReport } from "../formats/status";
import type { Io } from "./io";
import { wrap } from "./wrap";

/** What a terminal can show. */
type Look = Pick<Io, "columns" | "color">;

/**
 * A status report for people: one line that says how it is, then the certificates in the manner of
 * `kubeadm certs check-expiration`, then the clusters, then what there is to note. Where the terminal is too narrow for that,
 * each cluster is a paragraph.
 */
export function expiryTable(report: StatusReport, { columns, color = false }: Look = {}): string {
    const paint = painter(color);
    const tables = [certificateTable(report, paint), clusterTable(report, paint)].flat();
    const isTooWide = (text: string) =>
        columns !== undefined && text.split("\n").some((line) => stripVTControlCharacters(line).length > columns);
    const notes = report.clusters.flatMap((cluster) =>
        notesOf(cluster).map((note) => wrap(`${nameOf(cluster)}: ${note}`, columns, "", "  ")),
    );
    return `${[
        wrap(summary(report), columns, "", "  "),
        ...(tables.some(isTooWide) ? report.clusters.map((cluster) => paragraph(cluster, columns, paint)) : tables),
        ...(notes.length > 0 ? [notes.join("\n")] : []),
    ].join("\n\n")}\n`;
}

/** Colours a word that says how something is. */
type Paint = (text: string, state: State) => string;

function painter(color: boolean): Paint {
    const { green, yellow, red, dim } = createColors(color);
    const colors = { ok: green, warning: yellow, critical: red, unknown: dim };
    return (text, state) => colors[state](text);
}

function certificateTable({ clusters }: StatusReport, paint: Paint): string[] {
    return table(
        ["CLUSTER", "CERTIFICATE", "SUBJECT", "EXPIRES", "DAYS LEFT", "CERTIFICATE AUTHORITY", "STATE"],
        clusters.flatMap((cluster) =>
            cluster.certificates.map((one) => [
                nameOf(cluster),
                one.certificate,
                one.subject,
                spokenTime(one.expires),
                String(one.daysLeft),
                one.authority,
                paint(stateOf(one), one.state),
            ]),
        ),
    );
}

function clusterTable({ clusters }: StatusReport, paint: Paint): string[] {
    return table(
        ["CLUSTER", "STATE", "PROVISIONING", "POWER", "GENERATION", "LAST ROTATION", "KUBECONFIG"],
        clusters.map((cluster) => [
            nameOf(cluster),
            paint(cluster.state, cluster.state),
            cluster.provisioningState ?? "-",
            cluster.powerState ?? "-",
            cluster.rotation === null ? "unknown" : String(cluster.rotation.generation),
            lastRotation(cluster),
            cluster.kubeconfig?.state ?? "-",
        ]),
    );
}

/** All of a cluster below each other, for a terminal that is too narrow for the tables. */
function paragraph(cluster: ClusterStatus, columns: number | undefined, paint: Paint): string {
    const { provisioningState, powerState, rotation, kubeconfig, certificates } = cluster;
    const lines: [key: string, value: string][] = [
        ["provisioning", provisioningState ?? "-"],
        ["power", powerState ?? "-"],
        ["generation", rotation === null ? "unknown" : String(rotation.generation)],
        ["last rotation", lastRotation(cluster)],
        ["kubeconfig", kubeconfig?.state ?? "-"],
    ];
    return [
        `${nameOf(cluster)}: ${paint(cluster.state, cluster.state)}`,
        ...lines.map(([key, value]) => wrap(`${key}: ${value}`, columns, "  ", "    ")),
        ...certificates.flatMap((one) => [
            `  ${one.certificate}: ${paint(stateOf(one), one.state)}`,
            wrap(`expires ${spokenTime(one.expires)}, ${days(one.daysLeft)} left`, columns, "    "),
            wrap(`${one.subject}, of authority ${one.authority}`, columns, "    "),
        ]),
    ].join("\n");
}

function stateOf({ daysLeft, state }: CertificateStatus): string {
    return daysLeft < 0 ? "expired" : state;
}

/** How it is, in one line, as monitoring shows it: the state, and the certificate that expires next. */
export function summary({ state, clusters }: StatusReport): string {
    const [only] = clusters;
    if (clusters.length === 1 && only !== undefined && only.error !== null) {
        return `AKS CERTIFICATES ${word(state)} - ${nameOf(only)}: ${only.error.split("\n", 1)[0]}`;
    }
    const what = `${clusters.length} ${clusters.length === 1 ? "cluster" : "clusters"}`;
    const bad = clusters.filter((cluster) => cluster.state !== "ok");
    const next = clusters
        .flatMap((cluster) => cluster.certificates.map((certificate) => ({ cluster, certificate })))
        .reduce<{ cluster: ClusterStatus; certificate: CertificateStatus } | undefined>(
            (soonest, one) =>
                soonest === undefined || one.certificate.expires < soonest.certificate.expires ? one : soonest,
            undefined,
        );
    const soonest =
        next === undefined
            ? ""
            : `; next: ${next.certificate.certificate} of ${nameOf(next.cluster)} ` +
              (next.certificate.daysLeft < 0
                  ? `has expired ${days(-next.certificate.daysLeft)} ago`
                  : `in ${days(next.certificate.daysLeft)}`);
    return `AKS CERTIFICATES ${word(state)} - ${what}${bad.length > 0 ? `, ${bad.length} not ok` : ""}${soonest}`;
}

/** The line that monitoring shows where nothing is known of any cluster: the first one of an error's message. */
export function unknownLine(message: string): string {
    const [first = ""] = message.replace(/^error: /, "").split("\n");
    return `AKS CERTIFICATES UNKNOWN - ${first}`;
}

function days(count: number): string {
    return `${count} ${count === 1 ? "day" : "days"}`;
}

function word(state: State): string {
    return state.toUpperCase();
}

function nameOf({ resourceGroup, name }: ClusterStatus): string {
    return `${resourceGroup}/${name}`;
}

function lastRotation({ rotation }: ClusterStatus): string {
    if (rotation === null) {
        return "unknown";
    }
    const when = spokenTime(rotation.finished);
    return rotation.outcome === "adopted" ? `none since ${when} (adopted)` : when;
}

function notesOf(cluster: ClusterStatus): string[] {
    const { error, notes, rotation, rotationUnknown, kubeconfig } = cluster;
    return [
        ...(error === null ? [] : [`ERROR: ${error.replaceAll("\n", " ")}`]),
        ...notes,
        ...(rotationUnknown === null || error !== null ? [] : [`The last rotation is unknown: ${rotationUnknown}.`]),
        ...(rotation?.isOfThisCa === false ? ["Somebody else has rotated it since the last one on record."] : []),
        ...(kubeconfig === null || kubeconfig.reason === null
            ? []
            : [`Kubeconfig ${kubeconfig.source} is ${kubeconfig.state}: ${kubeconfig.reason}.`]),
    ];
}

/** Columns without lines, as kubeadm and kubectl print them. Nothing where there are no rows. */
function table(head: string[], rows: string[][]): string[] {
    if (rows.length === 0) {
        return [];
    }
    const none = Object.fromEntries(
        [
            ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
            ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid"],
        ].map((place) => [place, ""]),
    );
    const written = new Table({
        head,
        chars: { ...none, middle: "   " },
        style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    });
    written.push(...rows);
    return [written.toString().replace(/ +$/gm, "")];
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** As kubeadm writes it: "Dec 30, 2028 23:36 UTC". */
function spokenTime(instant: string): string {
    const [, year, month, day, time] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(new Date(instant).toISOString()) ?? [];
    return `${months[Number(month) - 1]} ${day}, ${year} ${time} UTC`;
}
