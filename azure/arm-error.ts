/** A code and a message of an error of Azure, where it gives them. Both are bounded, on one line, never empty. */
export interface ArmErrorPart {
    code?: string;
    message?: string;
}

/** Longest message that is kept, in characters. */
export const MAX_MESSAGE_LENGTH = 300;

const MAX_CODE_LENGTH = 100;
/** Longest text that is searched for nested errors, in characters. */
const MAX_TEXT_LENGTH = 64 * 1024;
const MAX_DEPTH = 12;
const MAX_PARTS = 100;

/**
 * All codes and messages in an error of Azure, the outermost first, the innermost last.
 *
 * Azure nests the cause: in `details`, in `innererror`, as JSON inside a message (also escaped twice), or in the text that
 * its Go clients write (`Code="…" Message="…"`). Any value is an answer: null, a text, an HTML page.
 *
 * @param body the body of an answer with an error, its `error` member, or a text
 */
export function armErrorParts(body: unknown): ArmErrorPart[] {
    const parts: Nested[] = [];
    collect(body, 0, parts);
    // The sort is stable: parts at the same depth keep their order.
    return parts
        .sort((one, other) => one.depth - other.depth)
        .map(({ code, message }) => ({ ...(code && { code }), ...(message && { message }) }));
}

/** A part in a few words: "code: message". */
export function armErrorText({ code, message }: ArmErrorPart): string {
    return [code, message].filter(Boolean).join(": ");
}

/** An error of the Azure SDK: its `RestError` without its package, which users of the component do not have. */
export interface ResponseError {
    response?: { bodyAsText?: string | null };
    code?: string;
    message: string;
}

/** The body of an answer that is an error, as far as it can be read. */
export function bodyOf({ response, code, message }: ResponseError): unknown {
    return response?.bodyAsText || { code, message };
}

/** A text on one line, without control characters, of at most so many characters. */
export function shorten(text: string, length = MAX_MESSAGE_LENGTH): string {
    // First cut roughly, so that a huge text costs no more than a short one.
    const line = cut(text, length * 4)
        .replace(/[\s\p{Cc}]+/gu, " ")
        .trim();
    return line.length <= length ? line : `${cut(line, length - 1)}…`;
}

/** The first characters of a text, without half of a surrogate pair at the end. */
function cut(text: string, length: number): string {
    return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

interface Nested extends ArmErrorPart {
    depth: number;
}

function collect(value: unknown, depth: number, parts: Nested[]): void {
    if (depth > MAX_DEPTH || parts.length >= MAX_PARTS) {
        return;
    }
    if (typeof value === "string") {
        const message = collectFromText(value, depth, parts);
        add({ message, depth }, parts);
    } else if (Array.isArray(value)) {
        for (const one of value.slice(0, MAX_PARTS)) {
            collect(one, depth + 1, parts);
        }
    } else if (typeof value === "object" && value !== null) {
        collectFromObject(value as Record<string, unknown>, depth, parts);
    }
}

/** Members that hold errors in turn. */
const INNER = ["error", "odata.error", "details", "innererror", "innerError", "properties", "statusMessage"];

function collectFromObject(object: Record<string, unknown>, depth: number, parts: Nested[]): void {
    const member = (name: string) => (Object.hasOwn(object, name) ? object[name] : undefined);
    if (typeof member("error") === "string") {
        // As the sign-in service answers: {error: "invalid_client", error_description: "AADSTS7000222: …"}
        const message = textOf(member("error_description"));
        add({ code: codeOf(/AADSTS\d+/.exec(message ?? "")?.[0] ?? member("error")), message, depth }, parts);
        return;
    }
    const said = textOf(member("message"));
    const message = said === undefined ? undefined : collectFromText(said, depth + 1, parts);
    add({ code: codeOf(member("code")), message, depth }, parts);
    for (const name of INNER) {
        collect(member(name), depth + 1, parts);
    }
}

/**
 * Collects the errors that are written into a text.
 *
 * @returns what the text says beside them; undefined where it is nothing but JSON
 */
function collectFromText(whole: string, depth: number, parts: Nested[]): string | undefined {
    if (depth > MAX_DEPTH) {
        return whole;
    }
    const text = whole.slice(0, MAX_TEXT_LENGTH).trim();
    if (/^<[!?a-z]/i.test(text)) {
        const title = /<title>([^<]{0,200})/i.exec(text)?.[1]?.trim();
        return title ? `an HTML page, "${title}"` : "an HTML page";
    }
    const before = parts.length;
    const all = parseJson(text);
    const json = all ?? parseJson(between(text, "{", "}")) ?? parseJson(between(text, "[", "]"));
    if (json !== undefined) {
        collect(json, depth, parts);
    } else if (text.includes('\\"')) {
        // Escaped once more than it should be.
        collectFromText(text.replaceAll('\\"', '"').replaceAll("\\\\", "\\"), depth + 1, parts);
    } else {
        collectFromWords(text, depth, parts);
    }
    const isNothingElse = all !== undefined || /^[{[].*[}\]]$/s.test(text);
    return isNothingElse && parts.length > before ? undefined : text;
}

/** Collects what Azure's clients in Go write: `Code="…" Message="…"`, `ERROR CODE: …`, and an error of Entra. */
function collectFromWords(text: string, depth: number, parts: Nested[]): void {
    for (const [, code, message] of text.matchAll(/\bCode="([^"]{1,100})"\s{1,5}Message="([^"]*)/g)) {
        add({ code: codeOf(code), message, depth }, parts);
    }
    const [, code] = /^ERROR CODE: (\S{1,100})$/m.exec(text) ?? [];
    add({ code: codeOf(code), depth }, parts);
    const [entra] = /AADSTS\d{4,10}\b[^"]*/.exec(text) ?? [];
    add({ code: entra?.match(/^AADSTS\d+/)?.[0], message: entra, depth }, parts);
}

/** The part of a text from the first of one character to the last of another; "" where there is none. */
function between(text: string, first: string, last: string): string {
    const start = text.indexOf(first);
    return start < 0 ? "" : text.slice(start, text.lastIndexOf(last) + 1);
}

/** The value of a JSON text that can hold an error; undefined where it is none. */
function parseJson(text: string): unknown {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "string" || (typeof value === "object" && value !== null) ? value : undefined;
    } catch {
        return undefined;
    }
}

function add({ code, message, depth }: Nested, parts: Nested[]): void {
    const short = message && shorten(message);
    if ((code || short) && parts.length < MAX_PARTS) {
        parts.push({ code, message: short, depth });
    }
}

function codeOf(value: unknown): string | undefined {
    const text = typeof value === "number" ? String(value) : value;
    return typeof text === "string" && text.length <= MAX_CODE_LENGTH && text.trim() !== ""
        ? shorten(text, MAX_CODE_LENGTH)
        : undefined;
}

function textOf(value: unknown): string | undefined {
    const text = typeof value === "object" && value !== null ? (value as { value?: unknown }).value : value;
    return typeof text === "string" && text.trim() !== "" ? text : undefined;
}
