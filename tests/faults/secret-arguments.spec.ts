import assert from "node:assert/strict";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";
import { asked } from "../support/told";
import { faults, type Trial } from "../support/trial";
import { victims } from "../support/victims";
import { kill } from "./kills";
import { byRotator, pointNamed } from "./points";

/** The component signs in with a client secret that it is given: the one case where a secret is among a Command's inputs. */
const signIn = ({ tenantId, environment, clientId }: LocalAks) => ({
    azure: { clientId, tenantId, clientSecret: environment.ARM_CLIENT_SECRET ?? "" },
});

/** Nobody signs in by the environment. */
const environment = { ARM_CLIENT_ID: "", ARM_CLIENT_SECRET: "", ARM_TENANT_ID: "" };

faults("A secret among the arguments", { rotationSeconds: 1, args: signIn, environment }, (fault) => {
    const rotating = pointNamed("while Azure rotates");
    for (const victim of ["the rotator", "every process"] as const) {
        fault(victim, "is killed while Azure rotates", { outcome: "found rotated" }, async (trial) => {
            const saw = await kill(trial, victims[victim], rotating);
            await assertEncrypted(trial);
            return saw;
        });
    }
    for (const verbose of [true, false]) {
        fault("the POST", `is refused, logged ${verbose ? "at the most verbose" : "as usual"}`, {}, async (trial) => {
            trial.scene.verbose = verbose;
            const match = { ...byRotator, kind: "rotateClusterCertificates" } as const;
            const refused = { type: "answer", status: 409, code: "ScopeLocked", message: "It is locked." } as const;
            trial.breaks({ match, action: refused });
            const saw = await trial.fails({
                happened: /Azure answered 409 ScopeLocked: It is locked/,
                cluster: /Nothing was started by this request; the cluster is Succeeded\./,
                todo: /Remove the cause that Azure names, then run pulumi up again\./,
                state: asked,
            });
            await assertEncrypted(trial);
            await trial.succeeds();
            return saw;
        });
    }
});

/** The secret is there, so that there was something to be found: of both Commands among the inputs. */
async function assertEncrypted({ scene }: Trial): Promise<void> {
    const encrypted =
        /"ARM_CLIENT_SECRET":\s*\{\s*"4dabf18193072939515e22adb298388d":\s*"1b47061264138c4ac30d75fd1eb44270",\s*"ciphertext"/g;
    const found = (await scene.files("state")).match(encrypted) ?? [];
    assert.ok(found.length >= 2, `the state has ${found.length} encrypted secrets of this name`);
}
