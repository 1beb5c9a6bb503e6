import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Io } from "./io";
import { reportWaiting } from "./report-waiting";

/**
 * The subscription: the one that is given, else that of `ARM_SUBSCRIPTION_ID`, else the one that the az CLI is set to.
 *
 * @throws Error that says how to give one
 */
export async function findSubscription(given: string | undefined, io: Pick<Io, "env" | "err">): Promise<string> {
    const { env } = io;
    if (given || env.ARM_SUBSCRIPTION_ID) {
        return (given || env.ARM_SUBSCRIPTION_ID) as string;
    }
    try {
        const args = ["account", "show", "--query", "id", "--output", "tsv"];
        const { stdout } = await reportWaiting(io, "the az CLI to name its subscription", () =>
            promisify(execFile)("az", args, {
                env: env as NodeJS.ProcessEnv,
                timeout: 30_000,
                shell: process.platform === "win32",
            }),
        );
        if (stdout.trim() !== "") {
            return stdout.trim();
        }
    } catch {
        // Told below: not installed, or not signed in.
    }
    throw new Error(
        "Which subscription? Give --subscription, or set ARM_SUBSCRIPTION_ID, or choose one with az account set.",
    );
}
