/**
 * Ends the children of a process that died without ending them, and removes its folder.
 * `node watchdog.mjs FOLDER`; standard input, one per line: `+PID` to look after, `-PID` to forget. It acts when that
 * input ends, which happens however the parent dies.
 */
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";

const [folder] = process.argv.slice(2);
const pids = new Set();

process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("SIGHUP", () => {});
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) =>
    line.startsWith("+") ? pids.add(Number(line.slice(1))) : pids.delete(Number(line.slice(1))),
);
lines.on("close", () => {
    for (const pid of pids) {
        try {
            process.kill(pid, "SIGKILL");
        } catch {
            // It has ended by itself.
        }
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});
