import assert from "node:assert/strict";
import "reflect-metadata";
import { withoutApiServer } from "../../rotator/verification";

describe("a verification without the API server", () => {
    it("names every check that needs it as not made", () => {
        const { verified, notVerified, apiServerCertificate } = withoutApiServer(["provisioningState"], "why");
        assert.deepEqual(verified, ["provisioningState"]);
        assert.deepEqual(
            notVerified.map(({ check, reason }) => `${check}: ${reason}`),
            [
                "newCaAccepted: why",
                "oldCaRefused: why",
                "newCredentialsAccepted: why",
                "oldClientCertificateRefused: why",
            ],
        );
        assert.equal(apiServerCertificate, null);
    });
});
