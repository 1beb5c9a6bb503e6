/** What is known of a sign-in, for messages; nothing secret. */
export interface Clues {
    /** Where it signs in; undefined where that is left to the means, as with the az CLI. */
    tenantId?: string;
    /** Who signs in; undefined where that is left to the means. */
    clientId?: string;
    /** What proves it: the variable that holds it or leads to it, such as ARM_CLIENT_SECRET. */
    proof: string;
}

/** The way of a sign-in, and its clues, in a few words. */
export function describeSignIn({ way, clues }: { way: string; clues: Clues }): string {
    const { tenantId, clientId } = clues;
    return [way, clientId && `client ${clientId}`, tenantId && `tenant ${tenantId}`].filter(Boolean).join(", ");
}
