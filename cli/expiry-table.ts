import Table from "cli-table3";
import type { CertificateStatus, ClusterStatus, State, StatusReport } from "../formats/status";

/**
 * A status report for people: one line that says how it is, then the certificates in the manner of
 * `kubeadm certs check-expiration`, then the clusters, then what there is to note.
 */
export function expiryTable(report: StatusReport): string {
    const { clusters } = report;
    const certificates = columns(
        ["CLUSTER", "CERTIFICATE", "SUBJECT", "EXPIRES", "DAYS LEFT", "CERTIFICATE AUTHORITY", "STATE"],
        clusters.flatMap((cluster) =>
            cluster.certificates.map((one) => [
                nameOf(cluster),
                one.certificate,
                one.subject,
                spokenTime(one.expires),
                String(one.daysLeft),
                one.authority,
                one.daysLeft < 0 ? "expired" : one.state,
            ]),
        ),
    );
    const rows = columns(
        ["CLUSTER", "STATE", "PROVISIONING", "POWER", "GENERATION", "LAST ROTATION", "KUBECONFIG"],
        clusters.map((cluster) => [
            nameOf(cluster),
            cluster.state,
            cluster.provisioningState ?? "-",
            cluster.powerState ?? "-",
            cluster.rotation === null ? "unknown" : String(cluster.rotation.generation),
            lastRotation(cluster),
            cluster.kubeconfig?.state ?? "-",
        ]),
    );
    const notes = clusters.flatMap((cluster) => notesOf(cluster).map((note) => `${nameOf(cluster)}: ${note}`));
    return `${[summary(report), ...certificates, ...rows, ...(notes.length > 0 ? [notes.join("\n")] : [])].join("\n\n")}\n`;
}

/** How it is, in one line, as monitoring shows it: the state, and the certificate that expires next. */
export function summary({ state, clusters }: StatusReport): string {
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
function columns(head: string[], rows: string[][]): string[] {
    if (rows.length === 0) {
        return [];
    }
    const none = Object.fromEntries(
        [
            ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
            ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid"],
        ].map((place) => [place, ""]),
    );
    const table = new Table({
        head,
        chars: { ...none, middle: "   " },
        style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    });
    table.push(...rows);
    return [table.toString().replace(/ +$/gm, "")];
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** As kubeadm writes it: "Dec 30, 2028 23:36 UTC". */
function spokenTime(instant: string): string {
    const [, year, month, day, time] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(new Date(instant).toISOString()) ?? [];
    return `${months[Number(month) - 1]} ${day}, ${year} ${time} UTC`;
}
