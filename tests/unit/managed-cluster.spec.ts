import assert from "node:assert/strict";
import { clusterFixture, type Fixture, signal } from "../support/cluster-fixture";

describe("the resourceUID of a managed cluster", () => {
    let fixture: Fixture;

    before(async () => {
        fixture = await clusterFixture();
    });
    after(() => fixture[Symbol.asyncDispose]());

    const resourceUID = async () => (await fixture.azure().look(signal()))?.resourceUID;

    for (const shownResourceUID of ["missing", "null"] as const) {
        it(`is undefined where Azure's answer has it ${shownResourceUID}, until Azure gives one`, async () => {
            const { control } = fixture.aks;
            control.set(fixture.ref, { shownResourceUID });
            assert.equal(await resourceUID(), undefined);
            control.set(fixture.ref, { shownResourceUID: "value" });
            assert.equal(await resourceUID(), control.cluster(fixture.ref).resourceUID);
        });
    }
});
