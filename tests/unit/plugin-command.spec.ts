import assert from "node:assert/strict";
import { exitFailure, quote, startFailure } from "../../rehearsal/plugins/command/go-text";
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
