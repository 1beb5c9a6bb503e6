import type { Clues } from "../../formats/aadsts";

/** The way of a sign-in, and its clues, in a few words. */
export function describeSignIn({ way, clues }: { way: string; clues: Clues }): string {
    const { tenantId, clientId } = clues;
    return [way, clientId && `client ${clientId}`, tenantId && `tenant ${tenantId}`].filter(Boolean).join(", ");
}
