/** Who a token is for, without anything secret. */
export interface Identity {
    /** Id of the tenant. */
    tenant?: string;
    /** Client id of the application. */
    client?: string;
    /** A person's user name. */
    name?: string;
}

/** What an access token of Entra says of its owner; nothing where it cannot be read. The token itself is not checked. */
export function identityOf(token: string): Identity {
    try {
        const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
        return { tenant: text(claims.tid), client: text(claims.appid ?? claims.azp), name: text(claims.upn) };
    } catch {
        return {};
    }
}

function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}
