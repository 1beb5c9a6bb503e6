import { randomUUID } from "node:crypto";

/** A refusal of the sign-in service, in Entra's shape. */
export class EntraError extends Error {
    constructor(
        readonly status: number,
        readonly error: string,
        readonly code: number,
        text: string,
    ) {
        super(`AADSTS${code}: ${text}`);
    }

    /** The answer's body, sent at this moment of the service's clock. */
    body(now: Date): object {
        const [traceId, correlationId] = [randomUUID(), randomUUID()];
        const timestamp = now
            .toISOString()
            .replace("T", " ")
            .replace(/\.\d+Z$/, "Z");
        return {
            error: this.error,
            error_description: `${this.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
            error_codes: [this.code],
            timestamp,
            trace_id: traceId,
            correlation_id: correlationId,
            error_uri: `https://login.microsoftonline.com/error?code=${this.code}`,
        };
    }
}

/** Refuses what a client shows to prove who it is. */
export function invalidClient(code: number, text: string): EntraError {
    return new EntraError(401, "invalid_client", code, text);
}
