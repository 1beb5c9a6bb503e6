import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { refuseSkippedCheckpoints } from "./checkpoints";
import { parentOf } from "./parent";

/** What a preflight finds of the engine, as the findings about a cluster are printed. */
export interface EngineFinding {
    check: "checkpoints" | "updatePlan";
    status: "blocks" | "warns";
    message: string;
    advice: string;
}

/** How far above this process the engine can be: its plugin is between, or the program and the host of its language. */
const depth = 6;

/** The arguments of the engine that this process works for; undefined where the system does not show them, as on Windows. */
export function engineArguments(): string[] | undefined {
    let pid: number | undefined = process.ppid;
    for (let i = 0; i < depth && pid !== undefined && pid > 1; i++) {
        const [program = "", ...args] = argumentsOf(pid);
        if (/^pulumi(\.exe)?$/.test(basename(program))) {
            return args;
        }
        pid = parentOf(pid);
    }
    return undefined;
}

/** Whether an engine's update is constrained by an update plan. Source: pulumi's `up`, flags `--plan` and `--strict`. */
export function hasUpdatePlan(args: readonly string[] | undefined): boolean {
    return args?.some((arg) => /^--(plan|strict)(=|$)/.test(arg) && arg !== "--strict=false") === true;
}

/**
 * Refuses to rotate in an update that an update plan constrains: the plan has the credentials of before the rotation, and the
 * engine would stop at the new ones, after the rotation.
 *
 * @param args of the engine
 * @throws Error that says what to do
 */
export function refuseUpdatePlan(args: readonly string[] | undefined): void {
    if (hasUpdatePlan(args)) {
        throw new Error(
            "This update is constrained by an update plan, and no plan can hold a rotation: the new certificates are not known " +
                "when it is made. Nothing was rotated. Run pulumi up without --plan (or --strict) to rotate; plans hold again " +
                "after that.",
        );
    }
}

/** What stands against a rotation by how the engine runs, in a preview. */
export function engineFindings(
    args: readonly string[] | undefined,
    env: Record<string, string | undefined>,
): EngineFinding[] {
    const found: EngineFinding[] = [];
    try {
        refuseSkippedCheckpoints(env);
    } catch {
        found.push({
            check: "checkpoints",
            status: "blocks",
            message: `PULUMI_SKIP_CHECKPOINTS is "${env.PULUMI_SKIP_CHECKPOINTS}", so Pulumi saves nothing before the end of a run`,
            advice: "Unset it: an up that is to rotate stops there, before anything is done.",
        });
    }
    if (hasUpdatePlan(args) || args?.some((arg) => /^--save-plan(=|$)/.test(arg))) {
        found.push({
            check: "updatePlan",
            status: "warns",
            message: "an update plan cannot hold a rotation",
            advice: "A raised generation is refused under pulumi up --plan, before anything is done: rotate without a plan.",
        });
    }
    return found;
}

function argumentsOf(pid: number): string[] {
    try {
        if (process.platform === "linux") {
            return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        }
        if (process.platform === "darwin") {
            return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" })
                .trim()
                .split(" ");
        }
    } catch {
        // It has ended.
    }
    return [];
}
