import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { type ClusterRef, type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";

const rotator = require.resolve("aks-certificate-rotation/rotator");
const ref: ClusterRef = { resourceGroup: "group", name: "blue" };

describe("a rotator that nobody listens to", function () {
    this.timeout(30_000);
    let aks: LocalAks;
    let environment: Record<string, string>;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.2 });
        await aks.addCluster({ ...ref, backend: "light" });
        environment = {
            ...aks.environment,
            AKS_ROTATION_SUBSCRIPTION_ID: aks.subscriptionId,
            AKS_ROTATION_RESOURCE_GROUP: ref.resourceGroup,
            AKS_ROTATION_CLUSTER: ref.name,
            AKS_ROTATION_CREDENTIALS: "user",
            AKS_ROTATION_VERIFY: "required",
            AKS_ROTATION_TIMEOUT_SECONDS: "60",
            AKS_ROTATION_SETTLE_TIMEOUT_SECONDS: "20",
        };
        const record = await prepare(1, () => output("adopt"));
        await prepare(2, async () => "");
        environment.PULUMI_COMMAND_STDOUT = record;
    });
    after(() => aks.close());

    async function output(command: string): Promise<string> {
        const child = spawn(process.execPath, [rotator, command], {
            env: environment,
            stdio: ["ignore", "pipe", "inherit"],
        });
        const [told] = await Promise.all([text(child.stdout), once(child, "close")]);
        return told;
    }

    /** Takes the intent for a generation, and then does something with it. */
    async function prepare(generation: number, act: () => Promise<string>): Promise<string> {
        environment.AKS_ROTATION_GENERATION = String(generation);
        environment.AKS_ROTATION_INTENT = await output("snapshot");
        return act();
    }

    const rotations = () => aks.control.cluster(ref).rotations.started;

    it("rotates nothing: its pipes are closed from the beginning", async () => {
        const child = spawn(process.execPath, [rotator, "rotate"], {
            env: environment,
            stdio: ["ignore", "pipe", "pipe"],
        });
        child.stdout.destroy();
        child.stderr.destroy();
        const [code] = await once(child, "exit");
        assert.equal(code, 1);
        assert.equal(rotations(), 0);
    });

    it("rotates nothing: what started it had ended before it looked for it", async function () {
        if (process.platform === "win32") {
            this.skip();
        }
        // The shell ends before Node.js has begun; the rotator then belongs to process 1, or to a reaper of orphans.
        const script = `"$0" "$1" rotate & exec 1>&- 2>&-`;
        const shell = spawn("sh", ["-c", script, process.execPath, rotator], {
            env: environment,
            stdio: ["ignore", "pipe", "pipe"],
        });
        const [, told] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, "exit")]);
        assert.equal(rotations(), 0, told);
    });

    it("rotates where somebody does", async () => {
        assert.equal(JSON.parse(await output("rotate")).outcome, "rotated");
        assert.equal(rotations(), 1);
    });
});
