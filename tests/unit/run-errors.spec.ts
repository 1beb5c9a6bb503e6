import assert from "node:assert/strict";
import { initialState } from "../../rotator/attempt-state";
import type { FailureReason } from "../../rotator/decide";
import type { Observation } from "../../rotator/observation";
import { type RunEnd, rotationFailed, supportDetails } from "../../rotator/run-errors";
import { forSupport } from "../../rotator/stop-message";
import { cluster } from "./scripted-outside";
import { intent, settings } from "./task";

const found: Observation = { found: true, ...cluster("Succeeded"), apiServer: "sameCa" };
const end = (own: Partial<RunEnd> = {}) => ({
    settings,
    intent,
    state: initialState,
    now: 60_000,
    ...own,
    cluster: own.cluster ?? found,
});

describe("the error of a run that fails", () => {
    it("has what AKS support asks for only where it can be a matter for them", () => {
        const reasons: FailureReason[] = ["notFound", "deleting", "stopped", "staleIntent", "recordLost", "canceled"];
        for (const reason of [...reasons, ...forSupport]) {
            const { message } = rotationFailed(reason, end());
            assert.equal(/What AKS support asks for/.test(message), forSupport.has(reason), reason);
        }
    });

    it("says of a cluster that is not there whether it was there before", () => {
        const gone: Observation = { found: false };
        assert.match(rotationFailed("notFound", end({ cluster: gone })).message, /^There is no cluster/);
        const state = { ...initialState, provisioningState: { name: "Succeeded", since: 0 } };
        assert.match(rotationFailed("notFound", end({ cluster: gone, state })).message, /is there no more/);
    });

    it("says that the API server has a new CA where it was ever seen, and names the generation above the intent's", () => {
        const state = { ...initialState, newServerCaSeen: true };
        assert.match(rotationFailed("caUnchanged", end({ state })).message, /has a certificate of a new CA/);
        assert.match(rotationFailed("caUnchanged", end()).message, /the cluster CA is still the one of before/);
        const asked = end({ intent: { ...intent, generation: 5 } });
        assert.match(rotationFailed("caOverlaps", asked).message, /raise rotationGeneration to 6/);
    });
});

describe("what AKS support asks for", () => {
    it("knows of a rotation that this run has not started from whatever has shown it", () => {
        const other = /an earlier one, or somebody else, started it/;
        assert.match(supportDetails(end({ state: { ...initialState, rotationObserved: true } })), other);
        assert.match(supportDetails(end({ state: { ...initialState, newServerCaSeen: true } })), other);
        assert.match(supportDetails(end({ cluster: { ...found, apiServer: "anotherCa" } as Observation })), other);
        assert.match(supportDetails(end()), /this run has started no rotation/);
    });
});
