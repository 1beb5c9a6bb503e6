import assert from "node:assert/strict";
import { toProperties, toStruct } from "../../rehearsal/plugins/protocol/messages";
import {
    containsSecrets,
    containsUnknowns,
    reveal,
    secret,
    unknown,
    withoutOutputs,
} from "../../rehearsal/plugins/protocol/values";

const key = "4dabf18193072939515e22adb298388d";

describe("property values", () => {
    it("marks a secret once, and reveals it at any depth", () => {
        const marked = { a: [secret({ b: secret("x") })] };
        assert.deepEqual(marked, {
            a: [{ [key]: "1b47061264138c4ac30d75fd1eb44270", value: { b: "x" } }],
        });
        assert.deepEqual(secret(secret("x")), secret("x"));
        assert.deepEqual(reveal(marked), { a: [{ b: "x" }] });
    });

    it("finds secrets and unknowns, inside of each other too", () => {
        assert.equal(containsSecrets({ a: [1, { b: secret("x") }] }), true);
        assert.equal(containsSecrets({ a: [1, { b: "x" }] }), false);
        assert.equal(containsUnknowns(secret({ a: unknown })), true);
        assert.equal(containsUnknowns({ a: null }), false);
    });

    it("turns outputs into plain, secret and unknown values", () => {
        const output = { [key]: "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
        assert.deepEqual(
            withoutOutputs({ a: { ...output, value: 1 }, b: { ...output, value: 2, secret: true }, c: [output] }),
            { a: 1, b: secret(2), c: [unknown] },
        );
    });

    it("survives a message", () => {
        const properties = { a: [1, "x", null, true, { b: {} }], s: secret(["y"]) };
        assert.deepEqual(toProperties(toStruct(properties)), properties);
    });
});
