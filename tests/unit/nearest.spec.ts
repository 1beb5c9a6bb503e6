import assert from "node:assert/strict";
import { argumentNames } from "../../components/arguments";
import { didYouMean, nearest } from "../../components/nearest";

describe("the nearest known word", () => {
    const misspelled: Record<string, string> = {
        rotationGenration: "rotationGeneration",
        rotationgeneration: "rotationGeneration",
        rotatoinGeneration: "rotationGeneration",
        generation: "generation",
        timout: "timeout",
        timeuot: "timeout",
        settletimeout: "settleTimeout",
        resourceGroup: "resourceGroupName",
        clustername: "clusterName",
        cluster: "clusters",
        verfy: "verify",
        veriffy: "verify",
        ckusterId: "clusterId",
    };
    for (const [word, right] of Object.entries(misspelled)) {
        it(`${word}: ${right}`, () => {
            assert.equal(nearest(word, [...argumentNames, "clusters", "generation"]), right);
        });
    }

    it("is none where nothing is close", () => {
        for (const word of ["region", "x", "", "kubernetesVersion", "constructor", "__proto__"]) {
            assert.equal(nearest(word, argumentNames), undefined, word);
        }
        assert.equal(nearest("timeout", []), undefined);
    });

    it("counts a swap of neighbours once, and takes the closest", () => {
        assert.equal(nearest("ab", ["ba"]), "ba");
        assert.equal(nearest("abc", ["cab"]), undefined);
        assert.equal(nearest("verifies", ["verity", "verified"]), "verified");
    });

    it("becomes a question, or nothing", () => {
        assert.equal(didYouMean("timout", argumentNames), " Did you mean timeout?");
        assert.equal(didYouMean("region", argumentNames), "");
    });
});
