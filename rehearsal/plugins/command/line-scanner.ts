/** The most bytes that Go's `bufio.Scanner` holds: the longest line together with its line break. */
const MAX_SCAN_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/**
 * Splits output into lines as the official plugin does: Go's `bufio.Scanner` at the end of an unbuffered pipe. After a line
 * of 64 KiB the scanner stops for good and the pipe is no longer read, so a later write never completes.
 */
export class LineScanner {
    #rest = Buffer.alloc(0);
    #last: Promise<void> = Promise.resolve();

    /** @param line receives every line without its line break */
    constructor(private readonly line: (line: string) => void) {}

    /** Resolves once the chunk has been read; never after a line that is too long. Chunks are read in order. */
    write(chunk: Buffer): Promise<void> {
        this.#last = this.#last.then(() => this.#read(chunk));
        return this.#last;
    }

    /** Reports the last line where it has no line break. */
    end(): void {
        if (this.#rest.length > 0 && this.#rest.length < MAX_SCAN_BYTES) {
            this.#report(this.#rest);
        }
    }

    #read(chunk: Buffer): Promise<void> | undefined {
        let bytes = Buffer.concat([this.#rest, chunk]);
        for (let end = bytes.indexOf(LINE_FEED); end >= 0 && end < MAX_SCAN_BYTES; end = bytes.indexOf(LINE_FEED)) {
            this.#report(bytes.subarray(0, end));
            bytes = bytes.subarray(end + 1);
        }
        this.#rest = bytes;
        // A full buffer is still taken from the pipe; one byte more is not.
        return bytes.length > MAX_SCAN_BYTES ? new Promise(() => undefined) : undefined;
    }

    #report(bytes: Buffer): void {
        this.line(bytes.toString("utf8").replace(/\r$/, ""));
    }
}
