import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { comesAfterNew } from "../../components/not-there-yet";

/** A resource as the SDK has it in a preview, as far as it is looked at. */
function custom(isThere: boolean): pulumi.Resource {
    return { __pulumiCustomResource: true, id: { isKnown: Promise.resolve(isThere) } } as never;
}

function component(children: pulumi.Resource[], remote = false): pulumi.Resource {
    return { __childResources: new Set(children), __remote: remote } as never;
}

describe("what a resource comes after", () => {
    const there = custom(true);
    const made = custom(false);
    const cases: [what: string, opts: pulumi.ResourceOptions | undefined, isNew: boolean][] = [
        ["nothing", undefined, false],
        ["what is there", { dependsOn: [there], parent: there }, false],
        ["what is to be made", { dependsOn: made }, true],
        ["that among others, later known", { dependsOn: [there, Promise.resolve(made)] }, true],
        ["that as its parent", { parent: made }, true],
        ["a component, with that deep in it", { dependsOn: component([there, component([made])]) }, true],
        ["a component of what is there", { dependsOn: component([there, component([])]) }, false],
        ["a component as its parent, whose child it is itself", { parent: component([made]) }, false],
        ["a component that a plugin makes, of which nothing is known", { dependsOn: component([], true) }, true],
    ];
    for (const [what, opts, isNew] of cases) {
        it(`is ${isNew ? "to be made" : "there"}: ${what}`, async () => {
            assert.equal(await comesAfterNew(opts), isNew);
        });
    }
});
