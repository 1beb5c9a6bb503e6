import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Scene } from "./scene";
import { textsUnder } from "./texts";

/**
 * What Pulumi itself logs, of any program: the answer of Azure to the request for credentials, as the SDK and the engine
 * log every invoke, and every property that goes over their RPC, which the engine does from -v=9 on.
 */
const loggedByPulumi =
    /Invoke RPC finished: tok=azure-native:containerservice:listManagedCluster|(Unm|M)arshaling property for RPC\[(Provider\[[^\]]*\]|ResourceMonitor)\.(Invoke\(azure-native:containerservice:listManagedCluster|RegisterResourceOutputs\()/;

/** The same of a resource's properties: those that are secret too, in clear. */
const propertiesByPulumi =
    /(Unm|M)arshaling property for RPC\[(Provider\[|ResourceMonitor\.RegisterResource\()|RegisterResource RPC finished: resource:/;

/** The records of an engine's log. An answer has line breaks in it: a record goes on until the next one begins. */
const recordsOf = (log: string) => log.split(/\n(?=\{"time":|I\d{4} |\S+ debug: )/);

/** An engine's log without the records in which Pulumi itself repeats Azure's answers. */
export function withoutAnswers(log: string): string {
    return recordsOf(log)
        .filter((record) => !loggedByPulumi.test(record))
        .join("\n");
}

/**
 * An engine's log without the secrets that a program has given to a resource, where Pulumi itself repeats its properties.
 * Whatever else is in these records stays.
 */
export function withoutGiven(log: string, given: readonly string[]): string {
    const blank = (record: string) => given.reduce((text, secret) => text.replaceAll(secret, "[given]"), record);
    return recordsOf(log)
        .map((record) => (propertiesByPulumi.test(record) ? blank(record) : record))
        .join("\n");
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

/**
 * Asserts that what an engine has logged is all that it can log: else there was nothing to find in it.
 *
 * @param log of one `up`
 */
export function assertVerbose(log: string): void {
    assert.match(log, /^\{"time":[^\n]*log level 11 will print sensitive information/m, "the engine has to log all");
    if (log.includes("*** Starting Update(")) {
        assert.match(log, /^\{"time":[^\n]*"v":9\}$/m, "the engine has logged nothing at its most verbose level");
    }
}

/**
 * Searches all that the `up`s of a scene have left, for every secret that was issued: what they have said, what is on
 * the disk, and what has come to the local AKS where it does not belong. Whether the log is a verbose one is for
 * `assertVerbose`, since it is of several `up`s.
 *
 * @param errors the messages that its `up`s have ended with
 */
export async function assertNoSecretsLeft(scene: Scene, errors: string): Promise<void> {
    const { directory } = scene.project;
    const pulumiHome = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
    const requests = scene.control.requests();
    const { clientSecret } = scene.args.azure ?? {};
    const given = typeof clientSecret === "string" ? [clientSecret] : [];
    const places = {
        "engine's log": withoutGiven(withoutAnswers(scene.log), given),
        "engine's output": scene.shown,
        "error messages": withoutGiven(withoutAnswers(errors), given),
        state: await scene.files("state"),
        "temporary files": await scene.files("tmp"),
        "project's folder": await textsUnder(directory, { without: ["state", "tmp", "engine"] }),
        // Others use it too, and have long since.
        "Pulumi's home": await textsUnder(pulumiHome, { without: ["plugins", "bin"], since: scene.opened }),
        "request log": JSON.stringify(requests),
    };
    assert.match(places.state, /"urn": ?"[^"]*::cluster-rotation"/, "the state that is searched");
    assert.match(places["project's folder"], /encryptionsalt: /, "the stack's settings that are searched");
    assert.match(places["Pulumi's home"], /\S/, "Pulumi's home that is searched");
    assert.ok(requests.length > 0, "the request log that is searched");
    assertNoSecrets(scene, places);
    const leaked = requests.filter(({ leaks }) => leaks !== undefined);
    assert.deepEqual(leaked, [], "requests with a secret where none belongs");
}
