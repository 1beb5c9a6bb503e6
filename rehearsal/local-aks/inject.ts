import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ArmError } from "./arm-error";
import type { Clock } from "./clock";
import type { FaultAction } from "./fault";
import type { Strike } from "./faults";
import { LONGEST_WAIT_MS } from "./pause";

/**
 * Does to a request what a fault says.
 *
 * @param handle handles it as if there were no fault.
 * @param clock of which Retry-After is where it is a date.
 */
export function inject(
    { action, landed, hold }: Strike,
    request: IncomingMessage,
    response: ServerResponse,
    handle: () => void,
    clock: Clock,
): void {
    const socket = request.socket;
    if (!("when" in action && action.when === "after")) {
        landed();
    }
    switch (action.type) {
        case "answer":
            answer(action, request, response, clock);
            return;
        case "reset":
        case "hang": {
            const strike = action.type === "reset" ? () => socket.destroy() : () => undefined;
            if (action.when === "before") {
                request.resume();
                strike();
                return;
            }
            response.writeHead = () => response;
            response.write = () => true;
            response.end = () => {
                strike();
                landed();
                return response;
            };
            handle();
            return;
        }
        case "hold": {
            const wait = (go: () => void) => {
                if (!socket.destroyed) {
                    response.once(
                        "close",
                        hold(() => socket.destroyed || go()),
                    );
                }
            };
            if (action.when === "before") {
                wait(handle);
                return;
            }
            keepBody(response, (body) => {
                wait(() => response.end(body));
                landed();
            });
            handle();
            return;
        }
        case "half":
            sendHalf(response, socket, action.cleanly ?? false);
            handle();
            return;
        case "delay": {
            const timer = setTimeout(handle, Math.min(action.seconds * 1000, LONGEST_WAIT_MS));
            response.once("close", () => clearTimeout(timer));
            return;
        }
        case "headers":
            replaceHeaders(response, action.headers);
            handle();
            return;
    }
}

function answer(
    action: Extract<FaultAction, { type: "answer" }>,
    request: IncomingMessage,
    response: ServerResponse,
    clock: Clock,
): void {
    const { status, code, message, headers, retryAfterSeconds: seconds } = action;
    request.resume();
    const error = new ArmError(status, code ?? DEFAULT_CODES[status] ?? "InternalServerError", message ?? "Injected.");
    if (seconds !== undefined) {
        const at = new Date(clock.now() + seconds * 1000);
        response.setHeader("retry-after", action.retryAfterAsDate ? at.toUTCString() : String(seconds));
    }
    const body = JSON.stringify(error.body());
    response.writeHead(status, {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
        ...headers,
    });
    response.end(body);
}

const DEFAULT_CODES: Record<number, string> = {
    404: "ResourceNotFound",
    409: "OperationNotAllowed",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
};

/**
 * Lets through the head of an answer and half of the body, or half of the head where there is no body; then cuts the
 * connection, or ends as if that were all.
 */
function sendHalf(response: ServerResponse, socket: Socket, cleanly: boolean): void {
    if (cleanly) {
        replaceHeaders(response, { "content-length": null });
    }
    keepBody(response, (body) => {
        const half = body.subarray(0, Math.floor(body.length / 2));
        if (cleanly) {
            response.end(half);
            return;
        }
        if (body.length === 0) {
            socket.write(`HTTP/1.1 ${response.statusCode} `, () => socket.destroy());
            return;
        }
        if (!response.headersSent) {
            response.setHeader("content-length", body.length);
        }
        response.write(half, () => socket.destroy());
    });
}

/** Sends nothing of an answer. When it is whole, `ended` has its body, and the response writes again. */
function keepBody(response: ServerResponse, ended: (body: Buffer) => void): void {
    const { write, end } = response;
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown) => {
        if (typeof chunk === "string" || chunk instanceof Uint8Array) {
            chunks.push(Buffer.from(chunk as string));
        }
    };
    response.write = (chunk: unknown) => {
        keep(chunk);
        return true;
    };
    response.end = (chunk?: unknown) => {
        keep(chunk);
        response.write = write;
        response.end = end;
        ended(Buffer.concat(chunks));
        return response;
    };
}

function replaceHeaders(response: ServerResponse, replacements: Record<string, string | null>): void {
    const writeHead = response.writeHead.bind(response);
    response.writeHead = (status: number, ...rest: unknown[]) => {
        const given = rest.find((value): value is OutgoingHttpHeaders => typeof value === "object") ?? {};
        const headers = new Map<string, OutgoingHttpHeader>();
        for (const [name, value] of Object.entries({ ...response.getHeaders(), ...given })) {
            if (value !== undefined) {
                headers.set(name.toLowerCase(), value);
            }
        }
        for (const [name, value] of Object.entries(replacements)) {
            response.removeHeader(name);
            headers.delete(name.toLowerCase());
            if (value !== null) {
                headers.set(name.toLowerCase(), value);
            }
        }
        return writeHead(status, Object.fromEntries(headers));
    };
}
