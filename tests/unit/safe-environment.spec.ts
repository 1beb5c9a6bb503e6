import assert from "node:assert/strict";
import { safeEnvironment } from "../../rotator/safe-environment";

describe("the environment that the rotator runs in", () => {
    const options = (text: string) => safeEnvironment({ NODE_OPTIONS: text });

    it("is left as it is where nothing in it prints", () => {
        const env = { PATH: "/bin", NODE_EXTRA_CA_CERTS: "/ca.pem", ARM_CLIENT_SECRET: "x", NODE_DEBUG: "" };
        const { NODE_DEBUG: _, ...rest } = env;
        assert.deepEqual(safeEnvironment(env), { env: rest, needsRestart: false });
    });

    it("keeps options for memory, CAs and TLS, in every way to write them", () => {
        for (const text of [
            "--max-old-space-size=4096",
            "--max_old_space_size=4096 --use-openssl-ca",
            "--use-system-ca   --tls-min-v1.2 --tls-cipher-list AES128",
            '--openssl-config="/a path/openssl.cnf" --no-warnings',
            "--dns-result-order ipv4first --no-network-family-autoselection",
            "",
        ]) {
            assert.deepEqual(options(text), { env: { NODE_OPTIONS: text }, needsRestart: false }, text);
        }
    });

    it("loses every other option with its value, and needs a new start", () => {
        for (const [text, kept] of [
            ["--require ./hook.cjs", ""],
            ["-r ./hook.cjs --max-old-space-size=100", "--max-old-space-size=100"],
            ["--use-system-ca --import=data:text/javascript,1 --inspect-brk", "--use-system-ca"],
            ['--require "/a b/c.js" --use-openssl-ca', "--use-openssl-ca"],
            ["--experimental-loader x --loader y --env-file=z", ""],
            ["--inspect --inspect-port=0 --inspect-wait --inspect-publish-uid=http", ""],
            ["--trace-tls --trace-warnings --trace-uncaught --trace_gc --report-on-signal", ""],
            ["--tls-keylog=/dev/stderr --report-filename stderr --cpu-prof --heapsnapshot-signal=SIGUSR2", ""],
            ['--openssl-config "/a \\\\ path" --trace-tls', '--openssl-config "/a \\\\ path"'],
            ["stray --use-bundled-ca", "--use-bundled-ca"],
            // Node.js itself refuses an unknown option before any program runs.
            ["--max-old-space-sizes=1", ""],
        ] as const) {
            assert.deepEqual(options(text), { env: { NODE_OPTIONS: kept }, needsRestart: true }, text);
        }
    });

    it("is without Node.js's own debug variables, which need a new start, and those of libraries, which do not", () => {
        for (const name of ["NODE_DEBUG", "NODE_DEBUG_NATIVE"]) {
            assert.deepEqual(safeEnvironment({ [name]: "http" }), { env: {}, needsRestart: true });
        }
        const libraries = { AZURE_LOG_LEVEL: "verbose", DEBUG: "*", TYPESPEC_RUNTIME_LOG_LEVEL: "info" };
        assert.deepEqual(safeEnvironment(libraries), { env: {}, needsRestart: false });
    });

    it("has the SDK log where a file is named for it", () => {
        const file = { AKS_ROTATION_LOG_FILE: "sdk.log" };
        assert.deepEqual(safeEnvironment(file).env, { ...file, AZURE_LOG_LEVEL: "info" });
        const verbose = { ...file, AZURE_LOG_LEVEL: "verbose" };
        assert.deepEqual(safeEnvironment(verbose).env, verbose);
    });
});
