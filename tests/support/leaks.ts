import assert from "node:assert/strict";
import type { Scene } from "./scene";

/**
 * What Pulumi itself logs, of any program: the answer of Azure to the request for credentials, as the SDK and the engine
 * log every invoke, and every property that goes over their RPC, which the engine does from -v=9 on.
 */
const loggedByPulumi =
    /Invoke RPC finished: tok=azure-native:containerservice:listManagedCluster|(Unm|M)arshaling property for RPC\[(Provider\[[^\]]*\]|ResourceMonitor)\.(Invoke\(azure-native:containerservice:listManagedCluster|RegisterResourceOutputs\()/;

/** An engine's log without the records in which Pulumi itself repeats Azure's answers. */
export function withoutAnswers(log: string): string {
    // An answer has line breaks in it: a record of the log goes on until the next one begins.
    const records = log.split(/\n(?=\{"time":|I\d{4} |\S+ debug: )/);
    return records.filter((record) => !loggedByPulumi.test(record)).join("\n");
}

/**
 * Searches places for every secret that the local AKS has issued.
 *
 * @throws AssertionError with the place, and the text before the secret
 */
export function assertNoSecrets({ aks }: Scene, places: Record<string, string>): void {
    const secrets = aks.issuedSecrets();
    assert.ok(secrets.length > 10);
    for (const [place, text] of Object.entries(places)) {
        const leaked = secrets.find((secret) => text.includes(secret));
        const at = leaked === undefined ? 0 : text.indexOf(leaked);
        assert.equal(leaked, undefined, `in the ${place}, after: …${text.slice(Math.max(0, at - 600), at)}`);
    }
}
