import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { comesAfter } from "../../components/not-there-yet";

/** A resource as the SDK has it in a preview, as far as it is looked at. */
function custom(isThere: boolean, type = "azure-native:containerservice:ManagedCluster"): pulumi.Resource {
    return { __pulumiCustomResource: true, __pulumiType: type, id: { isKnown: Promise.resolve(isThere) } } as never;
}

function component(children: pulumi.Resource[], remote = false): pulumi.Resource {
    return { __childResources: new Set(children), __remote: remote } as never;
}

describe("what a resource comes after", () => {
    const there = custom(true);
    const made = custom(false);
    const command = custom(true, "command:local:Command");
    const unknown = { __pulumiOutput: true, isKnown: Promise.resolve(false), promise: async () => undefined } as never;
    const cases: [what: string, opts: pulumi.ResourceOptions | undefined, isNew: boolean | undefined][] = [
        ["nothing", undefined, undefined],
        ["no resource in a list", { dependsOn: [] }, undefined],
        ["a resource of another plugin, whose id a preview knows", { dependsOn: [there, command] }, true],
        [
            "one of a package for one version of Azure's API",
            { dependsOn: custom(true, "azure-native_aks_v1::X") },
            false,
        ],
        ["what is not known yet", { dependsOn: [there, unknown] }, true],
        ["what only its URN is known of", { dependsOn: { __pulumiCustomResource: true } as never }, true],
        ["what is there", { dependsOn: [there], parent: there }, false],
        ["what is to be made", { dependsOn: made }, true],
        ["that among others, later known", { dependsOn: [there, Promise.resolve(made)] }, true],
        ["that as its parent", { parent: made }, true],
        ["a component, with that deep in it", { dependsOn: component([there, component([made])]) }, true],
        ["a component of what is there", { dependsOn: component([there, component([])]) }, false],
        ["a component as its parent, whose child it is itself", { parent: component([made]) }, undefined],
        ["a component that a plugin makes, of which nothing is known", { dependsOn: component([], true) }, true],
    ];
    for (const [what, opts, isNew] of cases) {
        const expected = isNew === undefined ? "nothing" : isNew ? "new" : "there";
        it(`is ${expected}: ${what}`, async () => {
            assert.equal(await comesAfter(opts), expected);
        });
    }
});
