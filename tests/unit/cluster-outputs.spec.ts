import assert from "node:assert/strict";
import { checkedIdentifier, checkedKubeconfig, clusterAmong } from "../../components/cluster-outputs";
import { AKS_LIFETIMES, createClusterSecrets } from "../../rehearsal/local-aks/cluster-secrets";
import { kubeconfig as write } from "../../rehearsal/local-aks/kubeconfig";

const id =
    "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourcegroups/group/providers/microsoft.containerservice/managedclusters/blue";
const stack = "organization/platform/production";

describe("a cluster among the outputs of a stack", () => {
    let kubeconfig: string;

    before(async () => {
        const secrets = await createClusterSecrets(AKS_LIFETIMES);
        const server = "https://127.0.0.1:6443";
        kubeconfig = write({ resourceGroup: "group", clusterName: "blue", server, secrets, role: "user" });
    });

    it("is the one that it exports, or the one of a name in clusters", () => {
        const one = clusterAmong(stack, { kubeconfig, clusterIdentifier: id }, undefined);
        assert.deepEqual([checkedKubeconfig(one), checkedIdentifier(one)], [kubeconfig, id]);
        const fleet = { clusters: { green: {}, blue: { kubeconfig, clusterIdentifier: id.toUpperCase() } } };
        const blue = clusterAmong(stack, fleet, "blue");
        assert.deepEqual([checkedKubeconfig(blue), checkedIdentifier(blue)], [kubeconfig, id]);
    });

    it("that it does not name is refused, with the stack, the output, and what would be right", () => {
        const cases: [outputs: Record<string, unknown>, cluster: string | undefined, said: RegExp][] = [
            [
                {},
                "blue",
                /stack "organization\/platform\/production" has no output "clusters".* pulumi up in that stack/,
            ],
            [{ kubeconfig, clusterIdentifier: id }, "blue", /It exports one cluster: leave `cluster` out/],
            [{ clusters: { green: {}, red: {} } }, undefined, /has several clusters: green, red\. Say which/],
            [{ clusters: { green: {}, red: {} } }, "blue", /has no cluster "blue"\. It has green, red\./],
            [{ clusters: { green: {} } }, "constructor", /has no cluster "constructor"/],
            [{ clusters: { blue: "text" } }, "blue", /has no cluster "blue"/],
        ];
        for (const [outputs, cluster, said] of cases) {
            assert.throws(() => clusterAmong(stack, outputs, cluster), said);
        }
    });

    it("whose outputs are missing or wrong is refused, with the output's name, and without its value", () => {
        const wrong: [outputs: Record<string, unknown>, said: RegExp][] = [
            [{}, /There is no "kubeconfig" of stack ".*production"\. Export .*pulumi up in that stack first/],
            [{ kubeconfig: { a: "hidden" } }, /"kubeconfig" of stack .* is no text/],
            [{ kubeconfig: "/home/hidden/.kube/config" }, /is not the kubeconfig .*\(the text itself, no path\)/],
            [{ kubeconfig: `${kubeconfig}\n\t- : [hidden` }, /is not the kubeconfig of an AKS cluster/],
        ];
        for (const [outputs, said] of wrong) {
            assert.throws(
                () => checkedKubeconfig(clusterAmong(stack, outputs, undefined)),
                (error: Error) => said.test(error.message) && !/hidden|BEGIN|token/.test(error.message),
            );
        }
        const ids: [id: unknown, said: RegExp][] = [
            [undefined, /There is no "clusterIdentifier" of stack .*would replace the provider/],
            ["", /There is no "clusterIdentifier"/],
            ["blue", /"clusterIdentifier" of stack .* must be the ARM id of the cluster.*"blue" is no ARM id/],
            [`${id}/agentPools/one`, /a part of a managed cluster/],
            [id.replace("microsoft.containerservice/managedclusters", "Microsoft.Kubernetes/connectedClusters"), /Arc/],
        ];
        for (const [clusterIdentifier, said] of ids) {
            assert.throws(() => checkedIdentifier(clusterAmong(stack, { clusterIdentifier }, undefined)), said);
        }
        const { clusters } = { clusters: { blue: { kubeconfig } } };
        assert.throws(
            () => checkedIdentifier(clusterAmong(stack, { clusters }, "blue")),
            /There is no "clusters\.blue\.clusterIdentifier" of stack/,
        );
    });
});
