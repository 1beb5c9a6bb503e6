import assert from "node:assert/strict";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

/**
 * What Pulumi itself logs, of any program: the answer of Azure to the request for credentials, as the SDK and the engine
 * log every invoke, and every property that goes over their RPC, which the engine does from -v=9 on.
 */
const loggedByPulumi =
    /Invoke RPC finished: tok=azure-native:containerservice:listManagedCluster|(Unm|M)arshaling property for RPC\[(Provider\[[^\]]*\]|ResourceMonitor)\.(Invoke\(azure-native:containerservice:listManagedCluster|RegisterResourceOutputs\()/;

describe("secrets", function () {
    this.timeout(engineTimeoutMs);

    it("are in clear neither in the state, nor in the log, nor in an error message", async () => {
        await using scene = await Scene.open();
        const { failure } = await rotateAndFail(scene);
        assertNone(scene, { state: await scene.state(), log: scene.log, failure });
    });

    it("are in the most verbose log only where Pulumi itself logs Azure's answer or its RPC", async () => {
        await using scene = await Scene.open();
        scene.verbose = true;
        const { failure } = await rotateAndFail(scene);
        assert.ok(scene.log.length > 200_000, "the log is verbose");
        // The answer has line breaks in it: a record of the log goes on until the next one begins.
        const records = scene.log.split(/\n(?=\{"time":|I\d{4} |\S+ debug: )/);
        const others = records.filter((record) => !loggedByPulumi.test(record)).join("\n");
        assertNone(scene, { state: await scene.state(), log: others, failure });
    });
});

async function rotateAndFail(scene: Scene): Promise<{ failure: string }> {
    await scene.up(1);
    await scene.up(2);
    scene.control.set(scene.ref, { rotationOutcomes: Array(3).fill({ status: "Failed" }) });
    const failure = await scene.failure(scene.up(3));
    assert.match(failure, /ended Failed 3 times/);
    return { failure };
}

function assertNone(scene: Scene, places: Record<string, string>): void {
    const secrets = scene.aks.issuedSecrets();
    assert.ok(secrets.length > 10);
    for (const [place, text] of Object.entries(places)) {
        const leaked = secrets.find((secret) => text.includes(secret));
        const at = leaked === undefined ? 0 : text.indexOf(leaked);
        assert.equal(leaked, undefined, `in the ${place}, after: …${text.slice(Math.max(0, at - 600), at)}`);
    }
}
