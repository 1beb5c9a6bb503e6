import assert from "node:assert/strict";
import { expiryWarning } from "../../formats/expiry";

describe("the warning of certificates that expire", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    const dayMs = 24 * 3600 * 1000;
    const at = (name: string, days: number) => ({ name, expires: new Date(now + days * dayMs).toISOString() });

    it("is given from 60 days before the expiry on, the next one first", () => {
        assert.equal(expiryWarning([], now), undefined);
        assert.equal(expiryWarning([at("cluster CA", 61), at("client certificate", 400)], now), undefined);
        assert.equal(
            expiryWarning(
                [at("cluster CA", 400), at("client certificate", 60.5), at("API server's certificate", -2)],
                now,
            ),
            "The API server's certificate has expired on 2025-12-30; the client certificate expires on 2026-03-02, in 60 days. " +
                "Raise rotationGeneration: a rotation makes new certificates.",
        );
        assert.match(
            expiryWarning([at("cluster CA", 1)], now) ?? "",
            /^The cluster CA expires on 2026-01-02, in 1 day\. /,
        );
        assert.match(expiryWarning([at("cluster CA", 0)], now) ?? "", /expires on 2026-01-01, in 0 days\. /);
    });
});
