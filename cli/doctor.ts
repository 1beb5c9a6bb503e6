import { type Command, Option } from "commander";
import type { VerifyMode, VerifyThrough } from "../rotator/settings";
import { type Diagnosis, diagnose } from "./diagnose";
import { doctorTable } from "./doctor-table";
import type { Io } from "./io";
import { namesOf } from "./names-of";
import { formatResult, type OutputFormat, outputOption } from "./output";
import { reportWaiting } from "./report-waiting";
import { type ClusterOptions, serverApplicationOption, withClusterOptions } from "./which-cluster";

interface DoctorOptions extends ClusterOptions {
    output: OutputFormat;
    verify: VerifyMode;
    verifyThrough: VerifyThrough;
    serverApplicationId?: string;
}

const help = `
It only reads. Give what the component is given: --admin, --public-fqdn, --verify, --verify-through,
--server-application-id. The sign-in is that of azure-native: ARM_* variables, else the az CLI.

Exit codes:
  0  nothing blocks a rotation
  1  an error
  2  something blocks it, or the command line is wrong
  3  Azure or the cluster could not be looked at, so nobody knows

Examples:
  $ npx aks-certificate-rotation doctor -g shop -n prod
  $ npx aks-certificate-rotation doctor --cluster-id "$(az aks show -g shop -n prod --query id -o tsv)" -o json`;

/**
 * Adds `doctor`: what stands against a rotation of a cluster, and against the tools that would make it.
 *
 * @param exit is told the exit code
 */
export function addDoctor(program: Command, io: Io, exit: (code: number) => void): void {
    withClusterOptions(program.command("doctor"))
        .summary("what stands against a rotation")
        .description(
            "Looks at all that a rotation needs: sign-in, rights, the cluster, its nodes, this machine. Changes nothing.",
        )
        .addOption(
            new Option("--verify <mode>", "the component's argument of that name")
                .choices(["required", "bestEffort", "off"] satisfies VerifyMode[])
                .default("required"),
        )
        .addOption(
            new Option("--verify-through <way>", "the component's argument of that name")
                .choices(["direct", "runCommand"] satisfies VerifyThrough[])
                .default("direct"),
        )
        .addOption(serverApplicationOption())
        .addOption(outputOption())
        .addHelpText("after", help)
        .action(async (options: DoctorOptions) => {
            const cluster = await namesOf(options, io);
            const { verify, verifyThrough, serverApplicationId } = options;
            const diagnosis = await reportWaiting(io, `the checks of ${cluster.clusterName}`, () =>
                diagnose({ ...cluster, verify, verifyThrough, serverApplicationId }, io.env),
            );
            io.out(formatResult(diagnosis, options.output, (result) => doctorTable(result, io)));
            exit(exitCodeOf(diagnosis));
        });
}

/** 0: nothing blocks; 2: something does; 3: the cluster could not be looked at. */
export function exitCodeOf({ findings }: Diagnosis): number {
    if (findings.some(({ status }) => status === "blocks")) {
        return 2;
    }
    const essential = new Set(["cloud", "signIn", "cluster", "rights", "credentials", "clusterState"]);
    return findings.some(({ check, status }) => status === "unknown" && essential.has(check)) ? 3 : 0;
}
