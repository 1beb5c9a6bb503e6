import {
    type IncomingMessage,
    type OutgoingHttpHeader,
    type OutgoingHttpHeaders,
    type ServerResponse,
    STATUS_CODES,
} from "node:http";
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
            if (action.when === "after") {
                const head = keepHead(response);
                keepBody(response, () => {
                    head();
                    answer(action, response, clock);
                    landed();
                });
                handle();
                return;
            }
            request.resume();
            answer(action, response, clock);
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

function answer(action: Extract<FaultAction, { type: "answer" }>, response: ServerResponse, clock: Clock): void {
    const { status, code, message, headers, retryAfterSeconds: seconds } = action;
    if (action.body !== undefined) {
        answerAsProxy(action.body, action, response);
        return;
    }
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

/** Somebody else answers, who knows nothing of Azure's headers. */
function answerAsProxy(
    body: string,
    { status, headers }: Extract<FaultAction, { type: "answer" }>,
    response: ServerResponse,
): void {
    for (const name of response.getHeaderNames().filter((name) => name.startsWith("x-ms-"))) {
        response.removeHeader(name);
    }
    response.writeHead(status, {
        "content-type": "text/html; charset=utf-8",
        ...(status !== 204 && { "content-length": Buffer.byteLength(body) }),
        ...headers,
    });
    response.end(status === 204 ? undefined : body);
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
 * Lets through the head of an answer and half of the body; then cuts the connection, or ends as if that were all. Half of
 * an answer without a body is half of its head: cut anywhere, or, where it is to seem whole, after half of its headers.
 */
function sendHalf(response: ServerResponse, socket: Socket, cleanly: boolean): void {
    const head = keepHead(response);
    keepBody(response, (body) => {
        const { status, headers } = head();
        headers.delete("content-length");
        const some = [...headers].slice(0, body.length === 0 ? Math.floor(headers.size / 2) : headers.size);
        const half = body.subarray(0, Math.floor(body.length / 2));
        if (cleanly) {
            response.writeHead(status, Object.fromEntries(some));
            response.end(half);
        } else if (body.length === 0) {
            const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
            const raw = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines].join("\r\n");
            socket.write(raw.slice(0, Math.floor(raw.length / 2)), () => socket.destroy());
        } else {
            response.writeHead(status, { ...Object.fromEntries(headers), "content-length": body.length });
            response.write(half, () => socket.destroy());
        }
    });
}

/**
 * Sends nothing of an answer's head. The function that it gives has what was to be sent, once that is known; the response
 * then has no headers, and writes again.
 */
function keepHead(response: ServerResponse): () => { status: number; headers: Map<string, OutgoingHttpHeader> } {
    const { writeHead } = response;
    let given: OutgoingHttpHeaders = {};
    response.writeHead = (status: number, ...rest: unknown[]) => {
        response.statusCode = status;
        given = headersIn(rest);
        return response;
    };
    return () => {
        const headers = allHeaders(response, given);
        for (const name of response.getHeaderNames()) {
            response.removeHeader(name);
        }
        response.writeHead = writeHead;
        return { status: response.statusCode, headers };
    };
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
        const headers = allHeaders(response, headersIn(rest));
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

/** The headers among the arguments of `writeHead`. */
function headersIn(rest: readonly unknown[]): OutgoingHttpHeaders {
    return rest.find((value): value is OutgoingHttpHeaders => typeof value === "object") ?? {};
}

/** Those that were set before, and those that are given with the head; their names in lower case. */
function allHeaders(response: ServerResponse, given: OutgoingHttpHeaders): Map<string, OutgoingHttpHeader> {
    const headers = new Map<string, OutgoingHttpHeader>();
    for (const [name, value] of Object.entries({ ...response.getHeaders(), ...given })) {
        if (value !== undefined) {
            headers.set(name.toLowerCase(), value);
        }
    }
    return headers;
}
