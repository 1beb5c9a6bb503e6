import assert from "node:assert/strict";
import { FlagStack } from "../support/flag-stack";
import { engineTimeoutMs } from "../support/tools";

/** What `pulumi preview --json` prints, as far as it is looked at. */
interface Preview {
    diagnostics?: { urn?: string; message?: string; severity?: string }[];
}

describe("what an up will do, by the pulumi command line", function () {
    this.timeout(2 * engineTimeoutMs);

    it("is in the preview as text and as JSON, and in the up; other targets, refresh and destroy go without it", async () => {
        await using stack = await FlagStack.open();
        await stack.bring("with a raised generation");
        const rotates = "Generation 1 → 2: this up rotates group/blue; up to 30 minutes.";

        const { stdout } = await stack.succeed("pulumi preview --json");
        const { diagnostics = [] }: Preview = JSON.parse(stdout);
        const announced = diagnostics.filter(({ message }) => message?.includes("Generation"));
        assert.deepEqual(
            announced.map(({ message, severity, urn }) => [
                message?.trim(),
                severity,
                urn?.split("::").slice(2).join("::"),
            ]),
            [[rotates, "info", "aks-certificate-rotation:index:CertificateRotation::cluster"]],
        );

        const preview = await stack.succeed("pulumi preview");
        // Once where the resource is, and once among the diagnostics at the end.
        const [, summary = ""] = preview.output.split("Diagnostics:");
        assert.ok(summary.includes(rotates), preview.output);
        const others = await stack.succeed('pulumi preview --target "**::dependent"');
        assert.doesNotMatch(others.output, /Generation/);

        const up = await stack.succeed("pulumi up --skip-preview");
        assert.ok(up.output.includes(rotates), up.output);
        assert.equal(up.rotations, 1);
        const same = await stack.succeed("pulumi preview");
        assert.doesNotMatch(same.output, /Generation/);

        for (const line of ["pulumi refresh", "pulumi destroy"]) {
            const { output } = await stack.succeed(line);
            assert.doesNotMatch(output, /Generation|hook/);
        }
    });
});
