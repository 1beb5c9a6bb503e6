import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import { neededActions, rotateAction } from "../../azure/explain";
import { isGranted } from "../../azure/permission";
import type { Authentication } from "../../rotator/authentication";
import { judgeApiServer } from "../../rotator/preflight/api-server";
import { judgeCertificates } from "../../rotator/preflight/certificates";
import { judgeClusterState } from "../../rotator/preflight/cluster-state";
import { judgeNoCredentials } from "../../rotator/preflight/credentials";
import { judgeDisruptionBudgets } from "../../rotator/preflight/disruption-budgets";
import { judgeKubernetesVersion } from "../../rotator/preflight/kubernetes-version";
import { judgeNodePools } from "../../rotator/preflight/node-pools";
import { judgeOtherOperation } from "../../rotator/preflight/other-operation";
import { judgeRights } from "../../rotator/preflight/rights";

const pool = { name: "np1", provisioningState: "Succeeded", maxSurge: undefined, maxUnavailable: undefined };

describe("an action of Azure RBAC is granted", () => {
    const clusters = "Microsoft.ContainerService/managedClusters";
    const cases: [string, boolean, { actions?: string[]; notActions?: string[] }[]][] = [
        ["by its own name, in any case", true, [{ actions: [rotateAction.toUpperCase()] }]],
        ["by *", true, [{ actions: ["*"] }]],
        ["by a * over several segments", true, [{ actions: ["Microsoft.ContainerService/*"] }]],
        ["by a * in the middle", true, [{ actions: ["Microsoft.ContainerService/*/action"] }]],
        ["not by */read", false, [{ actions: ["*/read"] }]],
        ["not by a part of its name", false, [{ actions: [clusters] }]],
        ["not by a name in which a dot would be any letter", false, [{ actions: [rotateAction.replace(".", "x")] }]],
        ["not where the same role takes it out again", false, [{ actions: ["*"], notActions: [`${clusters}/*`] }]],
        [
            "where another role takes it out: that denies nothing",
            true,
            [{ actions: ["*"], notActions: [rotateAction] }, { actions: [rotateAction] }],
        ],
        ["not by two roles of which neither has it", false, [{ actions: ["*/read"] }, { notActions: [] }]],
        ["not without a role", false, []],
    ];
    for (const [name, granted, permissions] of cases) {
        it(name, () => assert.equal(isGranted(rotateAction, permissions), granted));
    }
});

describe("a preflight's judgement", () => {
    it("of the rights names what is missing", () => {
        assert.equal(judgeRights([{ actions: ["*"] }], neededActions("user")).status, "ok");
        const { status, message } = judgeRights(
            [{ actions: ["*"], notActions: [rotateAction] }],
            neededActions("admin"),
        );
        assert.deepEqual([status, message], ["blocks", `the identity that signed in lacks ${rotateAction}`]);
        assert.match(judgeRights([], neededActions("user", true)).message, /runCommand\/action.*commandResults\/read/);
        assert.match(judgeRights([], neededActions("admin")).message, /listClusterAdminCredential/);
        assert.match(
            judgeRights([], neededActions("user")).message,
            /managedClusters\/read.*listClusterUserCredential/,
        );
    });

    it("of credentials that could not be read blocks where Azure refuses, and does not know where it does not answer", () => {
        const names = {
            subscriptionId: "S",
            resourceGroupName: "shop",
            clusterName: "prod",
            clusterId: "",
            credentials: "admin",
        } as const;
        const signIn = { way: "client secret", clues: { proof: "ARM_CLIENT_SECRET" } };
        const judge = (error: unknown) => judgeNoCredentials(error, names, signIn);
        const refused = judge(new RestError("No.", { statusCode: 403, code: "AuthorizationFailed" }));
        assert.equal(refused.status, "blocks");
        assert.equal(
            refused.message,
            "the cluster admin's could not be read: Azure answered 403 AuthorizationFailed: No",
        );
        assert.match(refused.advice, /listClusterAdminCredential/);
        const none = judge(new Error("AKS gave no kubeconfig for the cluster admin of prod."));
        assert.equal(none.status, "blocks");
        for (const error of [new RestError("Busy.", { statusCode: 503 }), new DOMException("late", "TimeoutError")]) {
            assert.equal(judge(error).status, "unknown");
        }
    });

    it("of the cluster's state blocks a deletion, and warns of a stopped cluster and of a failure", () => {
        const status = (provisioningState: string, stopped = false) =>
            judgeClusterState({ provisioningState, stopped }).status;
        assert.equal(status("Succeeded"), "ok");
        assert.equal(status("Updating"), "ok");
        assert.equal(status("Deleting"), "blocks");
        assert.equal(status("Succeeded", true), "warns");
        assert.equal(status("Deleting", true), "blocks");
        assert.equal(status("Failed"), "warns");
        assert.equal(status("Canceled"), "warns");
    });

    it("of other operations names the cluster's and each node pool's", () => {
        assert.equal(judgeOtherOperation("Succeeded", [pool]).status, "ok");
        assert.equal(judgeOtherOperation("Failed", [{ ...pool, provisioningState: undefined }]).status, "ok");
        const { status, message } = judgeOtherOperation("Updating", [{ ...pool, provisioningState: "Scaling" }, pool]);
        assert.deepEqual([status, message], ["warns", "the cluster is Updating, node pool np1 is Scaling"]);
    });

    it("of node pools names one that has failed, and one that can neither surge nor miss a node", () => {
        assert.equal(judgeNodePools([pool, { ...pool, maxSurge: "33%" }]).status, "ok");
        assert.equal(judgeNodePools([{ ...pool, maxSurge: "0", maxUnavailable: "1" }]).status, "ok");
        assert.match(judgeNodePools([{ ...pool, provisioningState: "Failed" }]).message, /^node pool np1 is Failed$/);
        for (const maxUnavailable of [undefined, "0", "0%"]) {
            const finding = judgeNodePools([pool, { ...pool, name: "np2", maxSurge: "0", maxUnavailable }]);
            assert.equal(finding.status, "warns");
            assert.match(finding.message, /^node pool np2 lets no node/);
        }
    });

    it("of disruption budgets names those that let no pod go, and no more than ten", () => {
        const budget = (name: string, disruptionsAllowed: number, expectedPods = 1) => ({
            namespace: "shop",
            name,
            disruptionsAllowed,
            expectedPods,
        });
        assert.equal(judgeDisruptionBudgets([budget("a", 1), budget("empty", 0, 0)]).status, "ok");
        const { status, message } = judgeDisruptionBudgets([budget("a", 1), budget("b", 0)]);
        assert.deepEqual([status, message], ["warns", "a pod disruption budget lets no pod be evicted now: shop/b"]);
        const many = judgeDisruptionBudgets(Array.from({ length: 12 }, (_, i) => budget(`p${i}`, 0)));
        assert.match(many.message, /^12 pod .*shop\/p9 and 2 more$/);
    });

    it("of the Kubernetes version goes by minor version, support plan and patch", () => {
        const version = (minor: string, supportPlans: string[]) => ({
            version: minor,
            isPreview: false,
            supportPlans,
            patches: [`${minor}.2`, `${minor}.3`],
        });
        const official = "KubernetesOfficial";
        const lts = "AKSLongTermSupport";
        const offered = [version("1.36", [official, lts]), version("1.30", [lts]), version("1.35", [])];
        const judge = (own: string | undefined, plan: string | undefined = undefined) =>
            judgeKubernetesVersion(own, plan, offered);
        assert.equal(judge("1.36.3").status, "ok");
        assert.equal(judge("1.36").status, "ok");
        assert.equal(judge("1.35.3").status, "ok");
        assert.equal(judge("1.30.3", lts).status, "ok");
        assert.match(
            judge("1.30.3", official).message,
            /no more under the plan KubernetesOfficial; it does with long-term/,
        );
        assert.match(judge("1.3.0").message, /AKS has this version no more/);
        assert.match(judge("1.36.1").message, /has this patch of it no more \(1.36.2, 1.36.3\)/);
        assert.equal(judge(undefined).status, "unknown");
        assert.equal(judge("1.30.3").status, "warns");
    });

    it("of the API server warns where it cannot be reached, and never blocks", () => {
        const where = { server: "https://api", stopped: false, verify: "required" } as const;
        assert.equal(judgeApiServer("sameCa", where).status, "ok");
        assert.equal(judgeApiServer("anotherCa", where).status, "warns");
        assert.match(judgeApiServer("unreachable", where).advice, /verify "required"/);
        assert.equal(judgeApiServer("unreachable", { ...where, verify: "off" }).status, "warns");
        assert.match(judgeApiServer(undefined, { ...where, stopped: true }).message, /stopped/);
    });

    it("of the API server says before a rotation what could not be checked after it", () => {
        const judge = (authentication: Authentication | Error | undefined) =>
            judgeApiServer("sameCa", { server: "https://api", stopped: false, verify: "required", authentication });
        assert.equal(judge(undefined).status, "ok");
        const accepted = judge("authenticated");
        assert.equal(accepted.status, "ok");
        assert.match(accepted.message, /it accepts the credentials$/);
        const refused = judge("refused");
        assert.equal(refused.status, "warns");
        assert.match(refused.message, /does not accept the credentials that Azure hands out$/);
        const unknown = judge({ unanswerable: "it says nothing" });
        assert.equal(unknown.status, "warns");
        assert.match(unknown.message, /cannot be checked: it says nothing$/);
        assert.match(unknown.advice, /recorded as not checked/);
        const failed = judge(new Error("The token is not there."));
        assert.equal(failed.status, "warns");
        assert.match(failed.message, /is not known: The token is not there$/);
    });

    it("of the certificates names each that has expired or does within 60 days, and never blocks", () => {
        const now = Date.parse("2026-01-01T00:00:00Z");
        const judge = (...certificates: [name: string, validTo: string][]) => {
            const { status, message } = judgeCertificates(
                certificates.map(([name, validTo]) => ({ name, certificate: { validTo } })),
                now,
            );
            return [status, message];
        };
        const ca = ["cluster CA", "Jan  1 00:00:00 2050 GMT"] as [string, string];
        assert.deepEqual(judge(ca, ["client certificate", "Mar  3 00:00:00 2026 GMT"]), [
            "ok",
            "the first to expire is the client certificate: on 2026-03-03, in 61 days",
        ]);
        assert.deepEqual(judge(ca, ["client certificate", "Mar  2 23:59:59 2026 GMT"]), [
            "warns",
            "the client certificate expires on 2026-03-02, in 60 days",
        ]);
        assert.deepEqual(
            judge(
                ca,
                ["client certificate", "Jan  2 00:00:00 2026 GMT"],
                ["API server's certificate", "Dec 31 00:00:00 2025 GMT"],
                ["cluster CA", "Dec 30 00:00:00 2025 GMT"],
            ),
            [
                "warns",
                "the cluster CA has expired on 2025-12-30; the API server's certificate has expired on 2025-12-31; " +
                    "the client certificate expires on 2026-01-02, in 1 day",
            ],
        );
        assert.equal(judgeCertificates([], now).status, "unknown");
    });
});
