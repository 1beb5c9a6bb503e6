import type { RotationRecord } from "../formats/record";

/** What a record says, in one line, for the person who ran `pulumi up`. */
export function recordLine({ outcome, generation, verified, notVerified }: RotationRecord): string {
    // Azure's own word is no verification.
    const isVerified = verified.includes("newCaAccepted");
    const texts = {
        adopted: `Adopted as it is at generation ${generation}, nothing is rotated${isVerified ? "; verified" : ""}`,
        rotated: isVerified ? "Rotated and verified" : "Rotated",
        "found rotated": `Rotated since generation ${generation} was asked for, not by this run${isVerified ? "; verified" : ""}`,
    };
    const reasons = [...new Set(notVerified.map(({ reason }) => reason))];
    const unchecked = reasons.map((reason) => {
        const checks = notVerified.filter((entry) => entry.reason === reason).map(({ check }) => check);
        return `; not checked: ${checks.join(", ")} (${reason})`;
    });
    return `${texts[outcome]}${unchecked.join("")}.`;
}
