import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod/mini";
import type { CheckedArguments } from "./arguments";
import { snapshotEnvironment } from "./rotator-environment";

/** The rotator's findings, as its command `preflight` prints them. */
const Findings = z.object({
    findings: z.array(z.object({ check: z.string(), status: z.string(), message: z.string(), advice: z.string() })),
});

/**
 * Warns, in a preview in which the rotation Command is going to run, of what a preflight finds. It only reads, and nothing
 * that becomes of it fails the preview. An `up` that is not previewed makes its own, before it rotates.
 *
 * @param record the rotation Command's standard output
 * @param interpreter what runs the rotator
 */
export function warnInPreview(
    resource: pulumi.Resource,
    args: pulumi.Output<CheckedArguments>,
    record: pulumi.Output<string>,
    interpreter: string[],
): void {
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    // An apply that is registered and never awaited is still waited for by the engine's program.
    pulumi.all([args, isKnown(record)]).apply(async ([checked, known]) => {
        if (known || checked.preflight === "off") {
            return;
        }
        const lines = await findings(checked, interpreter, resource);
        if (lines.length > 0) {
            pulumi.log.warn(
                `A rotation of ${checked.clusterName} may be pending, and its preflight finds:\n  ${lines.join("\n  ")}`,
                resource,
            );
        }
    });
}

/**
 * Whether a preview knows an output. The SDK keeps this of every output, but not in its types; where it does not, the
 * output counts as known, and nothing is warned of.
 */
async function isKnown(output: pulumi.Output<string>): Promise<boolean> {
    return (await (output as { isKnown?: Promise<boolean> }).isKnown) !== false;
}

async function findings(args: CheckedArguments, interpreter: string[], parent: pulumi.Resource): Promise<string[]> {
    try {
        const { stdout } = await local.run(
            {
                command: "preflight",
                interpreter,
                environment: { ...snapshotEnvironment(args) } as Record<string, string>,
                logging: "none",
            },
            { parent },
        );
        return Findings.parse(JSON.parse(stdout))
            .findings.filter(({ status }) => status !== "ok")
            .map(
                ({ check, status, message, advice }) =>
                    `${word(status)} ${check}: ${message}.${advice && ` ${advice}`}`,
            );
    } catch (error) {
        const [first = ""] = (error as Error).message.split("\n");
        return [`? it could not be made: ${first}`];
    }
}

function word(status: string): string {
    return status === "blocks" ? "blocks" : status === "warns" ? "warns" : "?";
}
