/**
 * Node.js loads this into the processes of an `up` (see record-hold.ts). In the rotator that rotates it holds the record,
 * once that is made and before it is printed, for as long as the test keeps the connection open.
 */
const { existsSync, readFileSync } = require("node:fs");
const { connect } = require("node:net");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

// The code that finds the rotator is an option of Node.js, and no argument.
if (process.argv.at(-1) === "rotate") {
    const { stdout } = process;
    const write = stdout.write.bind(stdout);
    stdout.write = (...text) => {
        stdout.write = write;
        const order = join(tmpdir(), "hold-record");
        if (!existsSync(order)) {
            return write(...text);
        }
        // It keeps the process alive, and lets it see meanwhile whether its parent is there.
        connect(Number(readFileSync(order, "utf8")), "127.0.0.1")
            .on("error", () => undefined)
            .on("close", () => write(...text));
        return true;
    };
}
