import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that systems give to outgoing connections (32768 and up on Linux, 49152 and up elsewhere): one of
// those could take the port of an API server in the seconds that it is down for a rotation.
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 200;

/**
 * A port of 127.0.0.1 that nobody listens on now, and that stays free for a server that is down for a while.
 *
 * @throws Error if 200 ports in a row are taken.
 */
export async function freePort(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const port = randomInt(FIRST, LAST);
        if (await isFree(port)) {
            return port;
        }
    }
    throw new Error(`No free port was found on 127.0.0.1 between ${FIRST} and ${LAST}.`);
}

function isFree(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(false));
        server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
}
