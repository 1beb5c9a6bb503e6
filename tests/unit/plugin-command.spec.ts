import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { exitFailure, quote, startFailure } from "../../rehearsal/plugins/command/go-text";
import { LineScanner } from "../../rehearsal/plugins/command/line-scanner";
import { commandPlugin } from "../../rehearsal/plugins/command/plugin";
import { secret, unknown } from "../../rehearsal/plugins/protocol/values";

const call = {
    urn: "urn:pulumi:dev::test::command:local:Command::c",
    type: "command:local:Command",
    name: "c",
    log: () => {},
    signal: new AbortController().signal,
    preview: true,
    timeout: 0,
};

describe("command stand-in", () => {
    it("words failures as Go does", () => {
        assert.equal(quote('a "b"\n\t\\\x00\x7f é'), String.raw`"a \"b\"\n\t\\\x00\x7f é"`);
        assert.equal(exitFailure(7, null), "exit status 7");
        assert.equal(exitFailure(null, "SIGKILL"), "signal: killed");
        const missing = Object.assign(new Error("x"), { code: "ENOENT" });
        assert.equal(startFailure(missing, "nope", undefined), 'exec: "nope": executable file not found in $PATH');
        assert.equal(startFailure(missing, "sh", "/not/there"), "chdir /not/there: no such file or directory");
    });

    it("keeps inputs as secret as they are, and outputs unknown, in a preview", async () => {
        const environment = { TOKEN: secret("x"), PLAIN: "y" };
        const inputs = { create: "echo", environment };
        const { properties } = await commandPlugin.create({ ...call, inputs });
        assert.deepEqual(properties, { create: "echo", environment, stdout: unknown, stderr: unknown });
    });

    it("runs a command as a function, and answers with its arguments and what it printed", async () => {
        const args = { command: "echo $WHAT; echo err >&2", environment: { WHAT: "out" }, logging: "none" };
        const printed = { stdout: "out", stderr: "err" };
        assert.deepEqual(await commandPlugin.invoke("command:local:run", args), { ...args, ...printed });
        await assert.rejects(
            commandPlugin.invoke("command:local:run", { command: "echo a; exit 3", logging: "none" }),
            /^Error: exit status 3: running "echo a; exit 3":\na\n$/,
        );
        await assert.rejects(commandPlugin.invoke("command:remote:run", args), /only the function command:local:run/);
        await assert.rejects(
            commandPlugin.invoke("command:local:run", { command: "echo" }),
            /only with logging "none"/,
        );
    });

    it("makes what was printed secret where an input is", async () => {
        const printed = async (environment: Record<string, ReturnType<typeof secret>>) => {
            const inputs = { create: "printf x", environment };
            return (await commandPlugin.create({ ...call, preview: false, inputs })).properties.stdout;
        };
        assert.equal(await printed({ TOKEN: "t" }), "x");
        assert.deepEqual(await printed({ TOKEN: secret("t") }), secret("x"));
    });

    it("refuses what it does not have", async () => {
        const check = { ...call, olds: {}, randomSeed: new Uint8Array() };
        await assert.rejects(
            commandPlugin.check({ ...check, type: "command:remote:Command", news: {} }),
            /only command:local:Command/,
        );
        await assert.rejects(
            commandPlugin.check({ ...check, news: { assetPaths: ["*"] } }),
            /does not have assetPaths/,
        );
    });
});

describe("command stand-in: the lines that are shown", () => {
    /** What is shown of pieces of output, and whether the last piece was read. */
    async function read(...pieces: string[]): Promise<{ lines: string[]; isRead: boolean }> {
        const lines: string[] = [];
        const scanner = new LineScanner((line) => lines.push(line));
        let isRead = false;
        const last = Promise.all(pieces.map((piece) => scanner.write(Buffer.from(piece)))).then(() => {
            isRead = true;
        });
        await Promise.race([last, setImmediate()]);
        scanner.end();
        return { lines, isRead };
    }

    it("are whole lines, wherever the pieces end, and the rest at the end", async () => {
        assert.deepEqual(await read("a", "b\r\nc\n\nd", "e"), { lines: ["ab", "c", "", "de"], isRead: true });
    });

    it("have less than 64 KiB: after a longer one nothing is read any more, as with bufio.Scanner", async () => {
        const longest = "x".repeat(65_535);
        assert.deepEqual(await read(`${longest}\nb\n`), { lines: [longest, "b"], isRead: true });
        assert.deepEqual(await read(`a\n${longest}x\nb\n`), { lines: ["a"], isRead: false });
        // The buffer is full, but nobody writes any more.
        assert.deepEqual(await read(`a\n${longest}x`), { lines: ["a"], isRead: true });
        assert.deepEqual(await read(`${longest}x`, "\n"), { lines: [], isRead: false });
    });
});
