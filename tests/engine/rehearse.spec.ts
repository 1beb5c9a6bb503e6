import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Report } from "../../rehearsal/report";
import { engineTimeoutMs } from "../support/tools";

const root = join(__dirname, "..", "..");
const run = promisify(execFile);

/** `npm run rehearse`, as package.json has it. */
function rehearse(...args: string[]) {
    const [program = "", ...rest] = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts.rehearse.split(
        " ",
    );
    return run(program, [...rest, ...args], { cwd: root, maxBuffer: 1e8 });
}

describe("the rehearsal", function () {
    this.timeout(engineTimeoutMs);

    it("does the whole job, tells it, and writes the report", async () => {
        const folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
        try {
            const file = join(folder, "report.json");
            const { stdout } = await rehearse("--rotation-seconds", "6", "--report", file);
            for (const told of [
                /nothing is rotated/,
                /pulumi config set rotationGeneration 2/,
                /x509: certificate signed by unknown authority/,
            ]) {
                assert.match(stdout, told);
            }
            const report: Report = JSON.parse(readFileSync(file, "utf8"));
            assert.equal(report.rotations, 1);
            assert.equal(report.replaced, 0);
            assert.deepEqual(Object.keys(report.plugins).sort(), ["azure-native", "command", "kubernetes"]);
            assert.equal(report.plugins["azure-native"]?.official, false);
            assert.equal(report.downstream.length, 4);
            for (const { urn, uidBefore, uidAfter } of report.downstream) {
                assert.ok(uidBefore !== undefined && uidBefore === uidAfter, urn);
            }
            assert.match(report.oldCredentials.error ?? "", /x509/);
            assert.deepEqual(report.newCredentials, { accepted: true });
            assert.match(report.pulumi, /^\d+\.\d+\.\d+$/);
            assert.match(report.kubernetes, /^v1\.\d+/);
            assert.ok(report.serverRotationSeconds >= 6 && report.overheadSeconds > 0);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    });

    it("refuses a wrong option before it begins", async () => {
        await assert.rejects(
            rehearse("--rotation-seconds", "soon"),
            /--rotation-seconds is "soon", but must be a number above 0/,
        );
    });
});
