import assert from "node:assert/strict";
import fc from "fast-check";
import { run } from "../../cli/run";
import { explainAzure } from "../../components/explain-azure";
import { inert, shortened } from "../../formats/printable";
import { fitFindings } from "../../rotator/preflight/finding";
import { printable } from "../../rotator/printable-result";
import { unexpected } from "../../rotator/unexpected-error";

describe("text that is printed", () => {
    it("is cut to a number of bytes in its middle, between characters", () => {
        assert.equal(shortened("short", 5), "short");
        assert.equal(shortened("0123456789".repeat(5), 30), "0123456789 [… 50 bytes] 6789");
        fc.assert(
            fc.property(
                fc.string({ unit: "grapheme", maxLength: 400 }),
                fc.integer({ min: 40, max: 300 }),
                (text, max) => {
                    const cut = shortened(text, max);
                    assert.ok(Buffer.byteLength(cut) <= Math.max(max, Buffer.byteLength(text) <= max ? max : 0));
                    assert.ok(!cut.includes("\ufffd") || text.includes("\ufffd"));
                },
            ),
        );
    });

    it("keeps its meaning as JSON, without what a pipeline acts on where a value is shown", () => {
        const pem = "-----BEGIN CERTIFICATE-----\nAB+/==\n-----END CERTIFICATE-----\n";
        const result = { pem, reason: "##vso[task.complete]\n::set-output name=a::b\u0000", count: 1, none: null };
        assert.deepEqual(JSON.parse(printable(result)), {
            ...result,
            reason: "# #vso[task.complete]\n: :set-output name=a::b\ufffd",
        });
        assert.equal(inert(pem), pem);
    });

    it("is inert in the errors of the component and of the command line too", async () => {
        const said = "##vso[task.complete] No.";
        assert.equal(explainAzure(said), "# #vso[task.complete] No.");
        let errors = "";
        await run(["get-credentials", "--cluster-id", said], {
            err: (text) => {
                errors += text;
            },
            out: () => {},
            env: {},
            isTerminal: false,
            stdin: async () => "",
            now: Date.now,
        });
        assert.match(errors, /"# #vso\[task\.complete\] No\."/);
    });

    it("has findings of a bounded length", () => {
        const finding = {
            check: "rights",
            status: "blocks",
            message: "m ".repeat(9000),
            advice: "a ".repeat(9000),
        } as const;
        const text = printable({ findings: fitFindings(Array(50).fill(finding)) });
        assert.ok(Buffer.byteLength(text) <= 16 * 1024);
        const short = { ...finding, message: "m", advice: "" };
        assert.deepEqual(fitFindings([short]), [short]);
    });
});

describe("the message of an error that nothing expects", () => {
    it("says what kind it is and where, and none of its words", () => {
        const error = Object.assign(new TypeError("s3cret"), { code: "ERR_X" });
        assert.match(unexpected(error), /error in itself \(TypeError ERR_X, printable\.spec\.ts:\d+:\d+[^)]*\)\. /);
        for (const odd of [error, "s3cret", undefined, null, { name: "s3 cret", code: { s3cret: 1 }, stack: 5 }, 7]) {
            assert.doesNotMatch(unexpected(odd), /s3 ?cret/);
            assert.match(unexpected(odd), /Run pulumi up again/);
        }
    });
});
