import assert from "node:assert/strict";
import { resolve } from "node:path";
import { rotatorProgram } from "../../components/rotator-program";

describe("the path of the rotator", () => {
    it("is relative to the folder of the program, with forward slashes, and leads to the bundle", () => {
        const path = rotatorProgram();
        assert.match(path, /^(?!\/)[^\\:]*dist\/rotator\.js$/);
        assert.equal(resolve(path), require.resolve("aks-certificate-rotation/rotator"));
    });
});
