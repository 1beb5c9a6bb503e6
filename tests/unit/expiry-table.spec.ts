import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expiryTable } from "../../cli/expiry-table";
import { judgeDays, worst } from "../../cli/judge";
import { type ClusterStatus, type State, StatusReport } from "../../formats/status";

const day = 86_400_000;
const now = Date.parse("2026-11-24T12:00:00Z");

function cluster(name: string, change: Partial<ClusterStatus> = {}): ClusterStatus {
    const one = (certificate: "cluster CA" | "API server" | "client", subject: string, days: number) => ({
        certificate,
        subject,
        authority: "CN=ca",
        expires: new Date(now + days * day).toISOString(),
        daysLeft: days,
        fingerprint: "AA:BB",
        state: judgeDays(days, { warnDays: 30, criticalDays: 7 }),
    });
    return {
        clusterId: `/subscriptions/s/resourcegroups/shop/providers/microsoft.containerservice/managedclusters/${name}`,
        subscriptionId: "s",
        resourceGroup: "shop",
        name,
        state: "ok",
        provisioningState: "Succeeded",
        powerState: "Running",
        certificates: [
            one("cluster CA", "CN=ca", 10950),
            one("API server", "CN=apiserver", 730),
            one("client", "O=system:masters, CN=masterclient", 730),
        ],
        notes: [],
        rotation: {
            generation: 2,
            outcome: "rotated",
            finished: "2026-11-24T11:30:00.000Z",
            source: "ConfigMap",
            isOfThisCa: true,
        },
        rotationUnknown: null,
        kubeconfig: { source: "/home/me/.kube/config", state: "current", reason: null },
        error: null,
        ...change,
    };
}

const old = cluster("old", { state: "critical" });
const example: StatusReport = {
    status: 1,
    time: new Date(now).toISOString(),
    state: "critical",
    warnDays: 30,
    criticalDays: 7,
    clusters: [
        cluster("blue"),
        {
            ...old,
            certificates: old.certificates.map((one, i) =>
                i === 2
                    ? {
                          ...one,
                          daysLeft: 5,
                          expires: new Date(now + 5 * day).toISOString(),
                          state: "critical" as const,
                      }
                    : one,
            ),
            rotation: null,
            rotationUnknown: "there is no ConfigMap default/aks-certificate-rotation",
            kubeconfig: {
                source: "/home/me/.kube/config",
                state: "outdated",
                reason: 'context "old": its cluster CA is not the one of now',
            },
        },
        cluster("red", {
            state: "unknown",
            provisioningState: null,
            powerState: null,
            certificates: [],
            rotation: null,
            rotationUnknown: "the cluster could not be looked at",
            kubeconfig: null,
            error: "Azure did not answer in time. Check the network (proxy, firewall) and try again.",
        }),
    ],
};

describe("the table of expiry", () => {
    it("is the one that the docs show", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "command-line.md"), "utf8");
        const shown = /```text\n\$ npx aks-certificate-rotation status -g shop --kubeconfig\n([\s\S]*?)```/.exec(
            page,
        )?.[1];
        assert.equal(expiryTable(StatusReport.parse(example)), shown);
    });

    it("names every field of the report in the docs", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "command-line.md"), "utf8");
        const names = new Set<string>();
        const collect = (value: unknown) => {
            for (const [key, inner] of Object.entries(value ?? {})) {
                if (!Array.isArray(value)) {
                    names.add(key);
                }
                if (typeof inner === "object") {
                    collect(inner);
                }
            }
        };
        collect(example);
        for (const name of names) {
            assert.ok(page.includes(`\`${name}\``), name);
        }
    });

    it("tells nothing of columns that have no rows", () => {
        const table = expiryTable({ ...example, clusters: example.clusters.slice(2), state: "unknown" });
        assert.match(
            table,
            /^AKS CERTIFICATES UNKNOWN - shop\/red: Azure did not answer in time\..*\n\nCLUSTER {4}STATE/,
        );
        assert.match(table, /\nshop\/red: ERROR: Azure did not answer/);
    });
});

describe("what days left mean", () => {
    const thresholds = { warnDays: 30, criticalDays: 7 };

    it("goes by the thresholds, and what has expired is critical", () => {
        const cases: [number, State][] = [
            [31, "ok"],
            [30, "warning"],
            [8, "warning"],
            [7, "critical"],
            [-1, "critical"],
        ];
        for (const [days, state] of cases) {
            assert.equal(judgeDays(days, thresholds), state);
        }
        assert.equal(judgeDays(-1, { warnDays: 0, criticalDays: 0 }), "critical");
        assert.equal(judgeDays(1, { warnDays: 0, criticalDays: 0 }), "ok");
    });

    it("is of many the worst: critical, warning, unknown, ok", () => {
        assert.equal(worst(["ok", "unknown", "warning", "critical"]), "critical");
        assert.equal(worst(["ok", "unknown", "warning"]), "warning");
        assert.equal(worst(["ok", "unknown"]), "unknown");
        assert.equal(worst([]), "ok");
    });
});
