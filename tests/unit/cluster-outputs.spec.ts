import assert from "node:assert/strict";
import { checkedIdentifier, checkedKubeconfig, clusterAmong, usableKubeconfig } from "../../components/cluster-outputs";
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

    it("whose kubeconfig needs kubelogin is refused on a machine without it, and warned of where it asks for a person", async () => {
        const secrets = await createClusterSecrets(AKS_LIFETIMES);
        const entraId = { tenantId: "11111111-1111-4111-8111-111111111111", format: "exec" } as const;
        const parts = { resourceGroup: "group", clusterName: "blue", server: "https://127.0.0.1:6443", secrets };
        const text = write({ ...parts, role: "user", entraId });
        const warnings: string[] = [];
        const use = (config: string, hasKubelogin: boolean) =>
            usableKubeconfig(
                clusterAmong(stack, { kubeconfig: config, clusterIdentifier: id }, undefined),
                { environment: { PATH: "/usr/bin" }, platform: "linux", isExecutable: () => hasKubelogin },
                (warning) => warnings.push(warning),
            );
        assert.throws(() => use(text, false), /by the program "kubelogin", which is not on this machine's PATH/);
        assert.equal(use(kubeconfig, false), kubeconfig);
        assert.deepEqual(warnings, []);
        assert.equal(use(text, true), text);
        assert.match(warnings.join("\n"), /^The kubeconfig has kubelogin sign in by device code[^\n]*$/);
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
