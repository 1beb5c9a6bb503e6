import { notAsked } from "../support/told";
import { faults } from "../support/trial";

faults("Before anything is asked for", { rotationSeconds: 1 }, (fault) => {
    fault("the cluster", "is not there", { rotations: 0, outcome: "adopted" }, async (trial) => {
        const { scene } = trial;
        await scene.control.delete(scene.ref);
        const saw = await trial.fails({
            happened: /There is no cluster "blue" in resource group "group" in subscription [\da-f-]+\./,
            cluster: /There is no cluster [^\n]*\. Nothing was rotated by this run\./,
            todo: /Check resourceGroupName, clusterName and subscriptionId, then run pulumi up again\. If somebody has deleted it, take it out of the program; or create it again, and pulumi up adopts the new one\./,
            state: notAsked,
        });
        await scene.aks.addCluster({ ...scene.ref, backend: "light" });
        await trial.succeeds();
        return saw;
    });
    // Two of the rotations are somebody else's.
    fault("the old credentials", "are served for longer than the intent waits", { rotations: 3 }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { credentialsLagSeconds: 10_000 });
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        scene.args = { ...scene.args, timeout: "6s" };
        const saw = await trial.fails({
            happened: /The credentials that Azure hands out for cluster "blue"[^\n]* are not those of its API server/,
            cluster: /Nothing was rotated by this run; the cluster is Succeeded\./,
            todo: /Run pulumi up again in a few minutes\./,
            state: notAsked,
        });
        // Azure hands out the credentials of another rotation at once.
        scene.control.set(scene.ref, { credentialsLagSeconds: 0 });
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        scene.args = { ...scene.args, timeout: "60m" };
        await trial.succeeds();
        return saw;
    });
});
