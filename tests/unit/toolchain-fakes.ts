import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Surroundings } from "../../toolchain/surroundings";

/** A folder of a test's own, removed by `dispose`. */
export async function temporaryFolder(): Promise<{ folder: string; dispose: () => Promise<void> }> {
    const folder = await mkdtemp(path.join(tmpdir(), "toolchain-test-"));
    return { folder, dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** Surroundings with nothing in them: an empty PATH, a cache in `folder`, no host that answers, a Linux machine. */
export function emptySurroundings(
    folder: string,
    changes: Partial<Surroundings> = {},
): Surroundings & { news: string[] } {
    const news: string[] = [];
    // A port that nobody listens at and that fetch does not refuse by itself, as it does port 1.
    const nowhere = "http://127.0.0.1:2";
    return {
        environment: { PATH: "" },
        platform: { os: "linux", arch: "x64" },
        cacheFolder: path.join(folder, "cache"),
        origins: { kubernetes: nowhere, github: nowhere, pulumi: nowhere },
        progress: (line) => news.push(line),
        signal: new AbortController().signal,
        news,
        ...changes,
    };
}

/** The text of a program that prints a line, whatever it is asked. */
export function program(line: string): string {
    return `#!/bin/sh\necho '${line}'\n`;
}

/** Puts such a program into a folder. */
export async function install(folder: string, name: string, line: string): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, program(line));
    await chmod(file, 0o755);
    return file;
}

/** Everything in a folder, hidden or not; nothing if it does not exist. */
export async function contents(folder: string): Promise<string[]> {
    return (await readdir(folder).catch(() => [])).sort();
}

/** An HTTP server on 127.0.0.1 and a free port, ended by `close` with all its connections. */
export async function serve(listener: RequestListener): Promise<{ origin: string; close: () => Promise<void> }> {
    const server: Server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        origin: `http://127.0.0.1:${port}`,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

/** Answers with these files, by path, and 404 for all else. */
export function files(bodies: Record<string, string | Buffer>): RequestListener {
    return (request, response) => {
        const body = bodies[request.url ?? ""];
        response.writeHead(body === undefined ? 404 : 200).end(body);
    };
}
