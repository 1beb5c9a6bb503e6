import assert from "node:assert/strict";
import { mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { checkArguments } from "../../components/arguments";
import { warnIfRecreated } from "../../components/recreated";
import { subscriptionId } from "../support/component-mocks";
import { adopted } from "./task";

const args = checkArguments({
    resourceGroupName: "group",
    clusterName: "blue",
    rotationGeneration: 1,
    subscriptionId,
});

describe("a cluster that was created again under its name", () => {
    afterEach(() => mock.restoreAll());

    /** The warnings for a cluster with a resourceUID and a CA, and how often Azure was asked. */
    async function warnings(
        recorded: string | undefined,
        found: string | undefined | Error,
        now: string[],
        caAfter = ["A"],
    ): Promise<{ warned: string[]; asked: number }> {
        let asked = 0;
        const call = () => {
            asked++;
            if (found instanceof Error) {
                throw found;
            }
            return { resourceUID: found };
        };
        const mocks = { newResource: () => ({ id: "", state: {} }), call };
        await pulumi.runtime.setMocks(mocks, "project", "stack", true);
        const warn = mock.method(pulumi.log, "warn", async () => {});
        const record = pulumi.output({ ...adopted, resourceUID: recorded, caAfter });
        const resource = new pulumi.ComponentResource("test:index:Part", "part");
        const known = { record, caFingerprints: pulumi.output(now) };
        const done = warnIfRecreated(resource, pulumi.output(args), known, {});
        await (done as unknown as { promise(): Promise<void> }).promise();
        const warned = warn.mock.calls.map(({ arguments: [text] }) => String((text as unknown as string) ?? ""));
        mock.restoreAll();
        return { warned, asked };
    }

    it("is warned of, with what repairs it", async () => {
        const { warned } = await warnings("one", "another", ["B"]);
        assert.equal(warned.length, 1);
        assert.match(warned[0] ?? "", /"blue" has been deleted and created again[\s\S]*pulumi up --refresh/);
    });

    it("is not seen in one that was only rotated, nor where either has no UID, nor where Azure cannot be asked", async () => {
        for (const [recorded, found] of [
            ["one", "one"],
            ["one", undefined],
            ["one", ""],
            ["one", "/subscriptions/s/c"],
            ["one", new Error("no right")],
        ] as const) {
            assert.deepEqual(await warnings(recorded, found, ["B"]), { warned: [], asked: 1 });
        }
    });

    it("is not asked for where the record has no UID, or a CA of the record is still there", async () => {
        for (const recorded of [undefined, "", adopted.clusterId]) {
            assert.deepEqual(await warnings(recorded, "another", ["B"]), { warned: [], asked: 0 });
        }
        assert.deepEqual(await warnings("one", "another", ["A"]), { warned: [], asked: 0 });
        assert.deepEqual(await warnings("one", "another", ["A", "C"]), { warned: [], asked: 0 });
        assert.deepEqual(await warnings("one", "another", ["A"], ["A", "C"]), { warned: [], asked: 0 });
    });
});
