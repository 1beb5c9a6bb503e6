import assert from "node:assert/strict";
import type { FaultAction } from "../../rehearsal/local-aks/fault";
import { clusterFixture, type Fixture, signal } from "../support/cluster-fixture";

const match = { kind: "rotateClusterCertificates" } as const;

describe("a request to rotate", () => {
    let fixture: Fixture;

    beforeEach(async () => {
        fixture = await clusterFixture();
    });
    afterEach(() => fixture[Symbol.asyncDispose]());

    async function answered(action: FaultAction): Promise<string> {
        fixture.aks.control.addFault({ match, action });
        const { answer } = await fixture.azure().startRotation(signal());
        assert.equal(fixture.aks.control.cluster(fixture.ref).requests.rotateClusterCertificates, 1, "sent once");
        return answer;
    }

    for (const status of [408, 500, 502, 503, 504]) {
        for (const when of ["before", "after"] as const) {
            it(`may have been accepted, where ${status} is answered ${when} it is handled`, async () => {
                assert.equal(await answered({ type: "answer", status, when }), "none");
                const { started } = fixture.aks.control.cluster(fixture.ref).rotations;
                assert.equal(started, when === "after" ? 1 : 0);
            });
        }
    }

    it("was not accepted, where Azure asks for patience", async () => {
        assert.equal(await answered({ type: "answer", status: 429, retryAfterSeconds: 1 }), "busy");
    });

    it("is refused for good by any other 4xx", async () => {
        await assert.rejects(answered({ type: "answer", status: 400, code: "BadRequest" }), { statusCode: 400 });
    });
});
