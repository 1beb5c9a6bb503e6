import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateRotation } from "../../components";
import { registered } from "../support/component-mocks";

const args = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1 };

interface Outputs {
    getOutputs(): { toJavaScript(): Record<string, unknown> };
}

type Monitor = { registerResourceOutputs(request: Outputs, done: (error: Error | null) => void): void };

interface Registered {
    outputs: Record<string, unknown>;
    answer: (error: Error | null) => void;
}

/** The outputs of a component, which the engine has got, and answers when it is let. */
class HeldOutputs {
    readonly registered: Promise<Registered>;
    private resolve: (registered: Registered) => void = () => {};

    constructor() {
        this.registered = new Promise((resolve) => {
            this.resolve = resolve;
        });
    }

    /** Holds the first outputs that go to the engine; those of the stack come after. */
    hold(): void {
        const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
        const usual = monitor.registerResourceOutputs.bind(monitor);
        monitor.registerResourceOutputs = (request, done) => {
            monitor.registerResourceOutputs = usual;
            this.resolve({ outputs: request.getOutputs().toJavaScript(), answer: done });
        };
    }
}

describe("the kubeconfig", () => {
    it("is given out when the engine has accepted the component's outputs, and not before", async () => {
        const held = new HeldOutputs();
        await registered(args, {
            opts: () => {
                held.hold();
                return {};
            },
            look: async ({ kubeconfig }: CertificateRotation) => {
                let isOut = false;
                const given = (kubeconfig as unknown as { promise(): Promise<string> }).promise().then((text) => {
                    isOut = true;
                    return text;
                });
                const { outputs, answer } = await held.registered;
                const names = Object.keys(outputs).sort();
                assert.deepEqual(names, [
                    "caCertificate",
                    "caFingerprints",
                    "certificates",
                    "clusterIdentifier",
                    "credentialsHash",
                    "rotation",
                ]);
                await setImmediate();
                assert.ok(!isOut);
                answer(null);
                assert.match(await given, /client-key-data: /);
                assert.doesNotMatch(JSON.stringify(outputs), /client-key-data|LS0tLS1CRUdJTiBQUklWQVRF/);
            },
        });
    });
});
