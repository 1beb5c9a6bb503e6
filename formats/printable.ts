import { stripVTControlCharacters } from "node:util";

/** C0 and C1 control characters, line and paragraph separators, marks that reverse the direction of text. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Patterns of secrets, for a text of others that unexpectedly holds one: private keys, tokens, kubeconfigs, and anything
 * else that is long and base64 or hexadecimal. A segment of an ARM id is shorter.
 */
const SECRETS = [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gs,
    /\beyJ[\w-]{10,}(\.[\w-]*){0,4}/g,
    /\bLS0tLS1CRUdJTi[\w+/=]*/g,
    /\b[0-9a-fA-F]{80,}\b/g,
    /[\w+/=-]{200,}/g,
    /(?<=\bBearer )\S+/gi,
    /(?<=:\/\/[^\s/:@]{0,200}:)[^\s/@]+(?=@)/g,
];

/**
 * Replaces what looks like a secret.
 *
 * @param known texts that are secrets, such as those of the environment
 */
export function withoutSecrets(text: string, known: readonly string[] = []): string {
    const others = known.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
    return SECRETS.reduce((rest, pattern) => rest.replace(pattern, "[secret]"), others);
}

/**
 * Replaces what a terminal or a pipeline would act on: control characters, except tab and line feed, and commands of Azure
 * Pipelines (`##vso[` and `##[`, anywhere in a line), TeamCity and GitHub Actions (`::name::` at the start of a line).
 */
export function inert(text: string): string {
    return stripVTControlCharacters(text)
        .replace(CONTROL, (character) => (character === "\n" || character === "\t" ? character : "\ufffd"))
        .replace(/##(?=\w*\[)/g, "# #")
        .replace(/^(\s*)::/gm, "$1: :");
}

/** Cuts a text to a number of bytes of UTF-8 by leaving out its middle: the end of a message often says what to do. */
export function shortened(text: string, maxBytes: number): string {
    const bytes = Buffer.from(text);
    if (bytes.length <= maxBytes) {
        return text;
    }
    const mark = ` [… ${bytes.length} bytes] `;
    const left = Math.max(0, maxBytes - Buffer.byteLength(mark));
    const head = Math.ceil((left * 2) / 3);
    return `${start(bytes, head)}${mark}${end(bytes, left - head)}`;
}

/** Whole characters at the start of a text, at most so many bytes. */
function start(bytes: Buffer, count: number): string {
    let length = count;
    while (length > 0 && isInside(bytes, length)) {
        length--;
    }
    return bytes.toString("utf8", 0, length);
}

/** Whole characters at the end of a text, at most so many bytes. */
function end(bytes: Buffer, count: number): string {
    let from = bytes.length - count;
    while (from < bytes.length && isInside(bytes, from)) {
        from++;
    }
    return bytes.toString("utf8", from);
}

/** Whether a byte continues a character that begins before it. */
function isInside(bytes: Buffer, index: number): boolean {
    return ((bytes[index] ?? 0) & 0xc0) === 0x80;
}
