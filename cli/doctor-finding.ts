import type { Finding, FindingOf, Severities } from "../rotator/preflight/finding";

/**
 * The checks that `doctor` makes beside those of a preflight, of the sign-in and of this machine, with what each can find that
 * is not well. docs/preflight.md has the same.
 */
export const doctorSeverities = {
    cloud: [],
    signIn: ["blocks"],
    clock: ["warns"],
    cluster: ["blocks"],
    kubelogin: ["warns"],
    node: ["blocks"],
    pulumi: ["warns"],
} as const satisfies Severities;

/** What a check of `doctor` has found. */
export type DoctorFinding = Finding | FindingOf<typeof doctorSeverities>;
