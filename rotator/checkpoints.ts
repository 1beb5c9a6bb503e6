/**
 * Refuses to act for an engine that saves its state only at the end of a run: if that run is killed, nobody knows that
 * a rotation was asked for, and the next one would rotate again. Source: pulumi's `env.SkipCheckpoints`, which is read
 * as `IsTruthy` reads it: "1", or "true" in upper or lower case.
 *
 * @throws Error that names the variable
 */
export function refuseSkippedCheckpoints(env: Record<string, string | undefined>): void {
    const value = env.PULUMI_SKIP_CHECKPOINTS ?? "";
    if (value === "1" || value.toLowerCase() === "true") {
        throw new Error(
            `PULUMI_SKIP_CHECKPOINTS is "${value}": Pulumi then saves nothing before the end of a run, so after a run that ` +
                "was killed nobody could tell whether the cluster has been rotated. Nothing was rotated. " +
                "Unset it and run pulumi up again.",
        );
    }
}
