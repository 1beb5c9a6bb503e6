import assert from "node:assert/strict";
import fc from "fast-check";
import { BoundedLog, LOG_LIMITS } from "../../rotator/bounded-log";

/** A log and what it has written. */
function recorded(secrets: string[] = []) {
    let text = "";
    const log = new BoundedLog((more) => {
        text += more;
    }, secrets);
    return { log, lines: () => text.split("\n").slice(0, -1), text: () => text };
}

const bytes = (text: string) => Buffer.byteLength(text);

describe("the rotator's standard error", () => {
    it("has 16 KiB at most in lines of 2 KiB at most, and always the whole of an error, whatever is logged", () => {
        const word = fc.string({ unit: "binary", maxLength: 3000 });
        fc.assert(
            fc.property(fc.array(word, { maxLength: 100 }), (lines) => {
                const { log, text } = recorded();
                for (const line of lines) {
                    log.log(line);
                }
                log.end("It failed.\nDo this next.");
                assert.ok(bytes(text()) <= 16 * 1024, `${bytes(text())} bytes`);
                for (const line of text().split("\n")) {
                    assert.ok(bytes(line) < 2 * 1024, `a line of ${bytes(line)} bytes`);
                }
                assert.ok(text().endsWith("It failed.\nDo this next.\n"));
            }),
            { numRuns: 30 },
        );
    });

    it("has room for an hour of lines that all differ, and says how many it left out", () => {
        const { log, text, lines } = recorded();
        for (let i = 0; i < 3600; i++) {
            log.log(`Azure does not start a rotation now: another operation is in progress, number ${i}`);
        }
        log.end();
        const left = lines().filter((line) => line.startsWith("Azure does")).length;
        assert.ok(bytes(text()) <= 16 * 1024 && left > 90);
        assert.equal(
            lines().at(-1),
            `${3600 - left} more lines of progress are left out: a run writes 16384 bytes at most.`,
        );
    });

    it("has a repeated line once, with a count at the end, wherever it is repeated and whatever ids it names", () => {
        const { log, lines } = recorded();
        for (let i = 0; i < 1000; i++) {
            log.log("Asking Azure to rotate.");
            const id = `00000000-0000-0000-0000-${String(i).padStart(12, "0")}`;
            log.log(`Azure does not start one now: in progress (trace ${id}, 2026-01-01T00:00:00.${i}Z)`);
        }
        log.log("Done.");
        log.end();
        const [first, second, third, ...counts] = lines();
        assert.deepEqual([first, third], ["Asking Azure to rotate.", "Done."]);
        assert.match(second ?? "", /^Azure does not start one now/);
        assert.deepEqual(
            counts.map((line) => line.slice(0, 34)),
            ["1000 times: Asking Azure to rotate.".slice(0, 34), "1000 times: Azure does not start o"],
        );
    });

    it("ends with the beginning and the end of an error of any length", () => {
        const { log, text, lines } = recorded();
        log.end(`The rotation ended Failed. Azure says: ${"x ".repeat(25_000)}. Fix the cause.\nRun pulumi up again.`);
        assert.ok(bytes(text()) <= 16 * 1024);
        assert.match(lines()[0] ?? "", /^The rotation ended Failed\. Azure says: .*\. Fix the cause\.$/);
        assert.equal(lines()[1], "Run pulumi up again.");
        const long = recorded();
        for (let i = 0; i < 500; i++) {
            long.log.log(`line ${i} ${"y ".repeat(50)}`);
        }
        long.log.end([...Array(2000).keys()].map((i) => `reason ${i}`).join("\n"));
        assert.ok(bytes(long.text()) <= 16 * 1024);
        assert.ok(long.lines().includes("reason 0"));
        assert.equal(long.lines().at(-1), "reason 1999");
    });

    it("keeps room for an error even where progress has used all that it may", () => {
        const { log, text } = recorded();
        for (let i = 0; i < 100; i++) {
            log.log(`${i}${" z".repeat(750)}`);
        }
        assert.ok(bytes(text()) <= LOG_LIMITS.total - LOG_LIMITS.error - LOG_LIMITS.notes);
        const error = "e ".repeat(500);
        log.end([error, error.toUpperCase(), error, error, error].join("\n"));
        assert.ok(text().endsWith(`${error}\n${error}\n${error}\n`));
    });

    it("writes nothing after its end", () => {
        const { log, lines } = recorded();
        log.end("first");
        log.end("second");
        log.log("third");
        assert.deepEqual(lines(), ["first"]);
    });

    it("has no control characters and no commands for a pipeline", () => {
        const { log, lines } = recorded();
        log.log("a\x1b[31mred\x1b[0m\0\x07b\tc\r\n##vso[task.setvariable variable=x]y");
        log.log("  ::add-mask::x\n::set-output name=a::b\nx ##[group]y ##teamcity[z] IPv6 [fe80::1]");
        assert.deepEqual(lines(), [
            "ared\ufffd\ufffdb c",
            "# #vso[task.setvariable variable=x]y",
            "  : :add-mask::x",
            ": :set-output name=a::b",
            "x # #[group]y # #teamcity[z] IPv6 [fe80::1]",
        ]);
    });

    it("has no secret: none of the environment's, no key, no token, no kubeconfig", () => {
        const { log, text } = recorded(["s3cr3t~of~the~environment"]);
        const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----";
        log.log(`it was s3cr3t~of~the~environment, ${key} and ${key.split("\n").slice(0, 2).join("\n")}`);
        log.log("Authorization: Bearer abc.def and eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln");
        log.log(`client-key-data: LS0tLS1CRUdJTiBSU0Eg and ${"0123456789abcdef".repeat(8)} and ${"QUJD".repeat(80)}`);
        log.log("the proxy http://user:pass@proxy:8080 refused");
        assert.doesNotMatch(text(), /s3cr3t|MIIE|abc\.def|eyJ|LS0t|0123456789abcdef|QUJD|pass/);
    });

    it("leaves ids, fingerprints and addresses as they are", () => {
        const { log, lines } = recorded();
        const line =
            "/subscriptions/825e15d1-a3aa-4614-9a75-cd39f1121b20/resourceGroups/a-group-with-a-long-name/providers/Microsoft." +
            "ContainerService/managedClusters/blue AB:CD:EF:01 https://blue-dns-1.hcp.westeurope.azmk8s.io:443 (operation " +
            "5a1c7a4d-2f6e-4a5a-9f0c-1c2d3e4f5a6b) 100%, a::b, #[1], ## heading";
        log.log(line);
        assert.deepEqual(lines(), [line]);
    });
});
