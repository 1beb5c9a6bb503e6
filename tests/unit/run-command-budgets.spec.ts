import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { ThroughCommand } from "../../rotator/through-command";
import { clusterFixture, signal } from "../support/cluster-fixture";

const isPrivate = { apiServerAccessProfile: { enablePrivateCluster: true } };
const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

describe("the pod disruption budgets of a cluster that is asked through runCommand", function () {
    this.timeout(20_000);

    for (const kubectlStandIn of hasKubectl ? [true, false] : [true]) {
        it(`are listed where they let no pod be evicted, with ${kubectlStandIn ? "the stand-in for kubectl" : "the kubectl of this machine"}`, async () => {
            await using fixture = await clusterFixture(isPrivate, { kubectlStandIn });
            const tight = { namespace: "web", name: "front.v1", disruptionsAllowed: 0, expectedPods: 3 };
            const azure = fixture.azure();
            const told: string[] = [];
            const runCommand: typeof azure.runCommand = async (...args) => {
                const outcome = await azure.runCommand(...args);
                told.push(outcome.logs);
                return outcome;
            };
            const through = new ThroughCommand({ runCommand }, fixture.getToken);
            const credentials = await fixture.azure().credentials(signal());
            assert.deepEqual(await through.disruptionBudgets(credentials, signal()), []);
            const none = { namespace: "web", name: "none", disruptionsAllowed: 0, expectedPods: 0 };
            const loose = { namespace: "web", name: "back", disruptionsAllowed: 1, expectedPods: 3 };
            fixture.aks.control.set(fixture.ref, { disruptionBudgets: [tight, loose, none] });
            assert.deepEqual(await through.disruptionBudgets(credentials, signal()), [tight, none]);
            assert.doesNotMatch(told.join(), /back/, "no more comes back than is needed");
        });
    }

    const mark = "@@ aks-certificate-rotation";
    const list = async (logs: string) => {
        await using fixture = await clusterFixture();
        const azure = { runCommand: async () => ({ exitCode: 0, logs }) };
        const credentials = await fixture.azure().credentials(signal());
        return new ThroughCommand(azure, fixture.getToken).disruptionBudgets(credentials, signal());
    };

    it("are not known where kubectl has failed, or its end was cut off", async () => {
        const forbidden = "Error from server (Forbidden): poddisruptionbudgets.policy is forbidden: User cannot list";
        await assert.rejects(list(`${mark} budgets 1\n${forbidden}\n${mark} end\n`), /may not list them/);
        await assert.rejects(list(`${mark} budgets 1\nEOF\n${mark} end\n`), /kubectl in the cluster says: EOF/);
        await assert.rejects(list(`${mark} budgets 0\nweb front 3\nweb ba`), /did not come to its end/);
    });
});
