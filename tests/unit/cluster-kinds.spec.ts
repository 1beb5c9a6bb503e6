import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RotationRecord } from "../../formats/record";
import type { ClusterOptions } from "../../rehearsal/local-aks/local-aks";
import type { RotateSettings } from "../../rotator/settings";
import { act } from "../support/azure";
import { clusterFixture, type Fixture, runRotator } from "../support/cluster-fixture";

/** All that a rotation's record can say it has verified. */
const checks = [
    "provisioningState",
    "caChanged",
    "newCaAccepted",
    "oldCaRefused",
    "newCredentialsAccepted",
    "oldClientCertificateRefused",
] as const;

/** One kind of clusters: how it is made, and what the component is given for it. */
interface Kind {
    cluster: Partial<ClusterOptions>;
    /** The component's arguments, as the page's row has them. */
    args?: Partial<Pick<RotateSettings, "credentials" | "serverFqdn" | "verify" | "verifyThrough" | "preflight">>;
    /** What happens to it before the rotation, or what is tried first. */
    first?: (fixture: Fixture, adopted: RotationRecord) => Promise<unknown>;
    /** What comes in place of a rotation. Default: the next generation. */
    instead?: (fixture: Fixture, adopted: RotationRecord) => Promise<RotationRecord>;
}

const aadProfile = { managed: true };
const enablePrivateCluster = true;
const elsewhere = { apiServerAccessProfile: { authorizedIPRanges: ["192.0.2.0/24"] } };

/** That nothing is rotated by a component with its defaults, since nobody could verify it. */
async function isRefused(fixture: Fixture, adopted: RotationRecord): Promise<void> {
    await assert.rejects(runRotator(fixture, {}, adopted), /cannot be reached[\s\S]*Nothing was rotated/);
    assert.equal(fixture.aks.control.cluster(fixture.ref).rotations.started, 0);
}

const kinds: Record<string, Kind> = {
    "local accounts": { cluster: {} },
    "Microsoft Entra ID, with local accounts": { cluster: { aadProfile } },
    "the same, as admin": { cluster: { aadProfile }, args: { credentials: "admin" } },
    "Microsoft Entra ID, without local accounts": { cluster: { aadProfile, disableLocalAccounts: true } },
    "Azure RBAC, a user without any role": {
        cluster: { aadProfile: { ...aadProfile, enableAzureRBAC: true } },
        first: async ({ aks }) =>
            aks.control.denyActions(["Microsoft.ContainerService/managedClusters/configmaps/read"]),
    },
    "CA bundle of several certificates": {
        cluster: { otherAuthorities: 2 },
        first: async (fixture) => {
            const { ca } = await fixture.azure().credentials(AbortSignal.timeout(5000));
            assert.equal(ca.length, 3);
        },
    },
    "private, reached from the machine of the `up`": {
        cluster: { apiServerAccessProfile: { enablePrivateCluster }, inPrivateNetwork: true },
    },
    "private, reached by its public name": {
        cluster: {
            apiServerAccessProfile: { enablePrivateCluster, enablePrivateClusterPublicFQDN: true },
            inPrivateNetwork: true,
        },
        args: { serverFqdn: "public" },
    },
    "private, not reached from there": {
        cluster: { apiServerAccessProfile: { enablePrivateCluster } },
        args: { verifyThrough: "runCommand" },
        first: isRefused,
    },
    "private, not reached, with Microsoft Entra ID": {
        cluster: { apiServerAccessProfile: { enablePrivateCluster }, aadProfile },
        args: { verifyThrough: "runCommand" },
        first: isRefused,
    },
    "private, not reached, without runCommand": {
        cluster: { apiServerAccessProfile: { enablePrivateCluster, disableRunCommand: true } },
        args: { verify: "bestEffort" },
        first: isRefused,
    },
    "authorised IP ranges, with the machine's address": {
        cluster: { apiServerAccessProfile: { authorizedIPRanges: ["192.0.2.0/24", "127.0.0.0/8"] } },
    },
    "authorised IP ranges, without it": {
        cluster: elsewhere,
        args: { verifyThrough: "runCommand" },
        first: isRefused,
    },
    "authorised IP ranges, without it, without runCommand": {
        cluster: { apiServerAccessProfile: { ...elsewhere.apiServerAccessProfile, disableRunCommand: true } },
        args: { verify: "bestEffort" },
        first: isRefused,
    },
    stopped: {
        cluster: {},
        args: { verify: "bestEffort" },
        first: ({ aks, ref }) => act(aks, ref, "stop"),
    },
    "deleted and created again": {
        cluster: {},
        instead: async (fixture, adopted) => {
            await fixture.aks.control.recreate(fixture.ref);
            const { record } = await runRotator(fixture, {}, adopted);
            assert.equal(record.outcome, "adopted");
            assert.notEqual(record.resourceUID, adopted.resourceUID);
            return record;
        },
    },
};

/** The rows of the page's table, each by the kind that it is of. */
function rowsOfThePage(): Map<string, { args: string; verified: string[]; notVerified: string[] }> {
    const page = readFileSync(join(__dirname, "..", "..", "docs", "clusters.md"), "utf8");
    const [, table = ""] =
        /^\| cluster \| arguments \| verified \| not verified \|\n.*\n((?:\|.*\n)+)/m.exec(page) ?? [];
    return new Map(
        table
            .trim()
            .split("\n")
            .map((line) => {
                const [kind = "", args = "", verified = "", notVerified = ""] = line
                    .slice(1, -1)
                    .split("|")
                    .map((cell) => cell.trim());
                return [kind, { args, verified: named(verified), notVerified: named(notVerified) }] as const;
            }),
    );
}

/** The checks that a cell of the table names. */
function named(cell: string): string[] {
    return checks.filter((check) => cell === "all" || cell.includes(`\`${check}\``)).sort();
}

describe("each kind of clusters", function () {
    this.timeout(60_000);
    const rows = rowsOfThePage();

    for (const [kind, { cluster, args = {}, first, instead }] of Object.entries(kinds)) {
        it(kind, async () => {
            await using fixture = await clusterFixture(cluster, { kubectlStandIn: true });
            // Nobody asks where it is adopted, so that a refusal is that of the rotation.
            const { record: adopted } = await runRotator(fixture, { ...args, verify: "off" });
            await first?.(fixture, adopted);
            const record =
                instead === undefined
                    ? (await runRotator(fixture, { ...args, settleTimeoutSeconds: 5 }, adopted)).record
                    : await instead(fixture, adopted);
            assert.equal(fixture.aks.control.cluster(fixture.ref).rotations.started, instead === undefined ? 1 : 0);

            const row = rows.get(kind) ?? assert.fail("the page has no such row");
            assert.deepEqual([...record.verified].sort(), row.verified);
            assert.deepEqual(record.notVerified.map(({ check }) => check).sort(), row.notVerified);
            for (const [name, value] of Object.entries(args)) {
                assert.ok(row.args.includes(`\`${name}: "${value}"\``), `the row does not ask for ${name}`);
            }
        });
    }

    it("has a row on the page, and each row of the page a test", () => {
        assert.deepEqual([...rows.keys()], Object.keys(kinds));
    });
});
