import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { announcementHooks } from "../../components/announce";
import { type AnnouncementInput, announcementOf } from "../../components/announcement";
import { adopted, intent } from "./task";

const began = Date.parse("2026-06-01T00:00:00.000Z");
const before = "2026-05-31T23:00:00.000Z";
const after = "2026-06-01T00:00:05.000Z";

function text(input: Partial<AnnouncementInput>): string {
    return announcementOf({
        resourceGroupName: "group",
        clusterName: "blue",
        clusterId: adopted.clusterId,
        generation: 2,
        beganAt: began,
        ...input,
    }).text;
}

describe("the announcement of an up", () => {
    it("is an adoption where there is no record, and nothing that says that the generation was raised", () => {
        const adopts = "Generation 2: this up adopts group/blue as it is; nothing is rotated.";
        assert.match(text({}), new RegExp(`^${adopts} If the component only has another name now, set formerName`));
        assert.equal(text({ intent: { ...intent, generation: 2 } }), adopts);
    });

    it("is a rotation where the Command is new and the intent has replaced one, or is of a lower generation", () => {
        const lost = /^Generation 1 → 2, without a record .*: this up rotates group\/blue if that has not been done/;
        assert.match(text({ intent: { ...intent, generation: 2, earlierGeneration: 1 } }), lost);
        assert.match(text({ intent: { ...intent, generation: 1 } }), lost);
    });

    it("has the duration of the last rotation, in minutes from one on", () => {
        const lasting = (durationSeconds: number | null) => text({ record: { ...adopted, durationSeconds } });
        assert.equal(lasting(null), "Generation 1 → 2: this up rotates group/blue; up to 30 minutes.");
        assert.match(lasting(59.4), /up to 30 minutes; last time 59 s\.$/);
        assert.match(lasting(671), /up to 30 minutes; last time 11 min\.$/);
    });

    it("is unfinished only where the intent was made before the run, for this generation or a higher one", () => {
        const asked = (generation: number, askedAt: string) =>
            text({ record: adopted, intent: { ...intent, generation, askedAt } });
        assert.match(asked(2, before), /asked for since 2026-05-31T23:00:00.000Z and not finished/);
        assert.match(asked(3, before), /not finished/);
        for (const other of [asked(1, before), asked(2, after)]) {
            assert.match(other, /^Generation 1 → 2: this up rotates/);
        }
    });

    it("is an adoption where the record is of another cluster, by its id or by what Azure counts", () => {
        const other = /the record is not of this cluster: this up adopts group\/blue/;
        assert.match(text({ record: adopted, clusterId: `${adopted.clusterId}2` }), other);
        const record = { ...adopted, resourceUID: "one" };
        assert.match(text({ record, resourceUID: "two" }), other);
        assert.match(text({ record, intent: { ...intent, resourceUID: "two" } }), other);
        assert.match(text({ record, resourceUID: "one" }), /rotates/);
        assert.match(text({ record, resourceUID: undefined }), /rotates/);
    });

    it("rotates nothing at the generation of the record, and warns below it", () => {
        assert.match(text({ record: { ...adopted, generation: 2 } }), /is that of the record: this up rotates nothing/);
        const lowered = announcementOf({
            resourceGroupName: "group",
            clusterName: "blue",
            clusterId: adopted.clusterId,
            generation: 1,
            record: { ...adopted, generation: 2 },
            beganAt: began,
        });
        assert.equal(lowered.severity, "warn");
        assert.match(lowered.text, /rotationGeneration is 1, but this cluster has had 2 already/);
    });
});

describe("the hooks of an announcement", () => {
    it("are none under Pulumi's mocks, which cannot register any", async () => {
        const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
        await pulumi.runtime.setMocks(mocks, "project", "stack", false);
        const component = new pulumi.ComponentResource("test:index:Part", "part");
        const never = () => assert.fail("is not needed");
        const unknown = pulumi.output("") as pulumi.Output<never>;
        const hooks = announcementHooks(component, {
            args: unknown,
            clusterId: unknown,
            intent: unknown,
            caFingerprints: never,
            invokeOptions: {},
        });
        assert.deepEqual(hooks, {});
        await pulumi.runtime.disconnect();
    });
});
