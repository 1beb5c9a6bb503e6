import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DoctorFinding, doctorSeverities } from "../../cli/doctor-finding";
import { clockFinding } from "../../cli/judge-clock";
import { judgeKubelogin, judgeNode, judgePulumi } from "../../cli/judge-machine";
import { judgeApiServer } from "../../rotator/preflight/api-server";
import { judgeCertificates } from "../../rotator/preflight/certificates";
import { judgeClusterState } from "../../rotator/preflight/cluster-state";
import { judgeNoCredentials } from "../../rotator/preflight/credentials";
import { judgeDisruptionBudgets } from "../../rotator/preflight/disruption-budgets";
import { type Severities, severities } from "../../rotator/preflight/finding";
import { judgeKubernetesVersion } from "../../rotator/preflight/kubernetes-version";
import { judgeNodePools } from "../../rotator/preflight/node-pools";
import { judgeOtherOperation } from "../../rotator/preflight/other-operation";
import { judgeOtherStack } from "../../rotator/preflight/other-stack";
import { judgeRights } from "../../rotator/preflight/rights";

const all: Severities = { ...severities, ...doctorSeverities };

/** What each check finds at its worst, and where it has two severities, at its second worst. */
function foundAtWorst(): DoctorFinding[] {
    const names = {
        subscriptionId: "S",
        resourceGroupName: "shop",
        clusterName: "prod",
        clusterId: "",
        credentials: "admin",
    } as const;
    const pool = { name: "one", provisioningState: "Failed", maxSurge: "0", maxUnavailable: "0" };
    const where = { server: "https://api", stopped: false, verify: "required" } as const;
    return [
        judgeRights([], ["none/has/this"]),
        judgeNoCredentials(new Error("None."), names, { way: "az CLI", clues: { proof: "az login" } }),
        judgeClusterState({ provisioningState: "Deleting", stopped: true }),
        judgeClusterState({ provisioningState: "Failed", stopped: false }),
        judgeOtherOperation("Upgrading", [{ ...pool, provisioningState: "Upgrading" }]),
        judgeNodePools([pool]),
        judgeDisruptionBudgets([{ namespace: "shop", name: "front", disruptionsAllowed: 0, expectedPods: 1 }]),
        judgeKubernetesVersion("1.1.0", undefined, []),
        judgeApiServer("anotherCa", where),
        judgeApiServer("unreachable", where),
        judgeCertificates([{ name: "cluster CA", certificate: { validTo: "Jan  1 00:00:00 2020 GMT" } }], Date.now()),
        judgeOtherStack("shop/production", "shop/staging"),
        clockFinding(1e9),
        judgeKubelogin(true, undefined),
        judgeNode("0.1.0"),
        judgePulumi("0.1.0"),
    ];
}

describe("the page of the preflight", () => {
    // The table of modes has a column less.
    const rows = readFileSync(join(__dirname, "..", "..", "docs", "preflight.md"), "utf8")
        .split("\n")
        .map((line) => line.split("|").map((cell) => cell.trim()))
        .filter((row) => row.length === 7)
        .flatMap(([, name = "", , blocks, warns]) => {
            const check = /^`(\w+)`$/.exec(name)?.[1];
            return check === undefined ? [] : [{ check, blocks: blocks !== "", warns: warns !== "" }];
        });

    it("has a row for each check, in their order, and no other, with what it blocks and what it warns of", () => {
        const expected = Object.entries(all).map(([check, can]) => ({
            check,
            blocks: can.includes("blocks"),
            warns: can.includes("warns"),
        }));
        assert.deepEqual(rows, expected);
    });

    it("is right: at its worst each check finds what it has there, and nothing else", () => {
        const found = new Map<string, Set<string>>();
        for (const { check, status } of foundAtWorst()) {
            found.set(check, (found.get(check) ?? new Set()).add(status));
        }
        // Whoever is asked for these is Azure: tests/unit/doctor.spec.ts has them.
        const asked = ["cloud", "signIn", "cluster"];
        for (const [check, can] of Object.entries(all).filter(([name]) => !asked.includes(name))) {
            assert.deepEqual([...(found.get(check) ?? [])], can, check);
        }
    });
});
