import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Progress } from "./tool";

/** Limits and listeners of a download. Times are in milliseconds. */
export interface DownloadOptions {
    signal: AbortSignal;
    /** Until the first answer, name resolution and TLS included. Default 5,000: the next way must not wait for long. */
    connectTimeout?: number;
    /** Between two pieces of the body. Default 30,000. */
    stallTimeout?: number;
    /** Told about the size every few seconds. */
    progress?: Progress;
}

const CONNECT_TIMEOUT = 5_000;
const STALL_TIMEOUT = 30_000;
const REPORT_EVERY = 5_000;

/** The body of a small text file. Rejects with a sentence that says what went wrong. */
export async function downloadText(url: string, options: DownloadOptions): Promise<string> {
    return request(url, options, (response) => response.text());
}

/** Whether a server answers at all, whatever it says. Rejects with a sentence if it does not. */
export async function checkReachable(url: string, options: DownloadOptions): Promise<void> {
    await request(url, options, async (response) => response.body?.cancel());
}

/**
 * Downloads a file and checks it against its published SHA-256 (hex). Rejects with a sentence if it cannot be had or is
 * not the file it should be; what is at `to` is then worthless and the caller's to remove.
 */
export async function downloadFile(url: string, to: string, sha256: string, options: DownloadOptions): Promise<void> {
    const found = await request(url, options, async (response, touch) => {
        if (!response.body) {
            throw new Error("sent nothing");
        }
        const hash = createHash("sha256");
        const total = Number(response.headers.get("content-length") ?? 0);
        let received = 0;
        const report = setInterval(() => options.progress?.(megabytes(received, total)), REPORT_EVERY);
        const meter = new Transform({
            transform(chunk: Buffer, _encoding, done) {
                touch();
                received += chunk.length;
                hash.update(chunk);
                done(null, chunk);
            },
        });
        try {
            await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(to));
        } finally {
            clearInterval(report);
        }
        return hash.digest("hex");
    });
    if (found !== sha256.toLowerCase()) {
        throw new Error(`${url} has the SHA-256 ${found}, published is ${sha256}; not used`);
    }
}

/**
 * The SHA-256 in a published checksum file: either a digest alone, or lines of `<digest>  <file name>`. Throws if there
 * is none for the file.
 */
export function findSha256(text: string, file: string): string {
    const lines = text.split(/\r?\n/).map((line) => line.trim().split(/\s+\*?/));
    const digest = lines.find(([, name]) => name === file)?.[0] ?? lines.find((words) => words.length === 1)?.[0];
    if (digest === undefined || !/^[0-9a-f]{64}$/i.test(digest)) {
        throw new Error(`the published checksums name no SHA-256 for ${file}`);
    }
    return digest;
}

async function request<T>(
    url: string,
    options: DownloadOptions,
    read: (response: Response, touch: () => void) => Promise<T>,
): Promise<T> {
    const { signal, connectTimeout = CONNECT_TIMEOUT, stallTimeout = STALL_TIMEOUT } = options;
    const limit = new AbortController();
    const { host } = new URL(url);
    const expire = (why: string) => () => limit.abort(new Error(why));
    let timer = setTimeout(expire(`${host} gave no answer in ${connectTimeout / 1000} s`), connectTimeout);
    const touch = () => {
        clearTimeout(timer);
        timer = setTimeout(expire(`${host} sent nothing for ${stallTimeout / 1000} s`), stallTimeout);
    };
    try {
        const response = await fetch(url, { signal: AbortSignal.any([signal, limit.signal]) });
        touch();
        if (!response.ok) {
            await response.body?.cancel();
            throw new Error(`${url} answered ${response.status} ${response.statusText}`);
        }
        return await read(response, touch);
    } catch (error) {
        signal.throwIfAborted();
        throw limit.signal.aborted ? limit.signal.reason : new Error(explain(error, host), { cause: error });
    } finally {
        clearTimeout(timer);
    }
}

/** Node's "fetch failed" and "terminated" say nothing: the reason is in the cause. */
function explain(error: unknown, host: string): string {
    const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException & { hostname?: string } };
    if (cause?.code === undefined) {
        return cause?.message ?? message;
    }
    switch (cause.code) {
        case "ENOTFOUND":
        case "EAI_AGAIN":
            return `${cause.hostname ?? host} cannot be resolved (${cause.code})`;
        case "UND_ERR_SOCKET":
        case "ECONNRESET":
            return `${host} broke off the connection (${cause.message})`;
        default:
            return `${host} cannot be reached (${cause.code}: ${cause.message})`;
    }
}

function megabytes(received: number, total: number): string {
    const show = (bytes: number) => (bytes / 1e6).toFixed(0);
    return total > 0 ? `${show(received)} of ${show(total)} MB` : `${show(received)} MB`;
}
