import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { run } from "../../cli/run";
import type { Intent } from "../../formats/intent";
import { parseIntent } from "../../formats/intent";
import { parseRecord, type RotationRecord } from "../../formats/record";
import { adopted, intent } from "./task";

const component = "urn:pulumi:dev::platform::aks-certificate-rotation:index:CertificateRotation::";
const commands = "urn:pulumi:dev::platform::aks-certificate-rotation:index:CertificateRotation$command:local:Command::";
const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc:def" };
const { clusterId } = intent;

interface Options {
    name?: string;
    id?: unknown;
    record?: unknown;
    kept?: RotationRecord | undefined;
    intentStdout?: unknown;
    given?: unknown;
}

/** One CertificateRotation in an exported state; its Command for the rotation is empty by default. */
function resources({ name = "blue", id = clusterId, record = "", kept, intentStdout, given = "" }: Options = {}) {
    const parent = component + name;
    const command = (what: string, stdout: unknown, environment: object) => ({
        urn: `${commands}${name}-${what}`,
        type: "command:local:Command",
        parent,
        inputs: { environment },
        outputs: { stdout, stderr: secret },
    });
    return [
        { urn: parent, type: "aks…", outputs: { clusterIdentifier: id, kubeconfig: secret, rotation: kept } },
        command("intent", intentStdout ?? JSON.stringify({ ...intent, earlierGeneration: 1 }), {}),
        command("rotation", record, { AKS_ROTATION_INTENT: given }),
    ];
}

const exported = (...all: object[][]) => JSON.stringify({ version: 3, deployment: { resources: all.flat() } });

describe("record restore", () => {
    let folder: string;
    const stateFile = () => join(folder, "state.json");

    /** A `pulumi` that keeps its state in a file, and writes down what it is run with. */
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "restore-"));
        const program =
            `#!${process.execPath}\n` +
            `const { appendFileSync, copyFileSync, readFileSync, writeFileSync } = require("node:fs");\n` +
            `const args = process.argv.slice(2);\n` +
            `appendFileSync(${JSON.stringify(join(folder, "runs"))}, args.join(" ") + "\\n");\n` +
            `const file = ${JSON.stringify(folder)} + (args.includes("--version") ? "/earlier.json" : "/state.json");\n` +
            `if (args[1] === "export") process.stdout.write(readFileSync(file));\n` +
            `else writeFileSync(file, readFileSync(0));\n`;
        await writeFile(join(folder, "pulumi"), program);
        await chmod(join(folder, "pulumi"), 0o755);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    async function restore(state: string, ...args: string[]) {
        await writeFile(stateFile(), state);
        const ran = { out: "", err: "" };
        const code = await run(["record", "restore", "--stack", "dev", "--cwd", folder, ...args], {
            env: { PATH: [folder, process.env.PATH].join(delimiter) },
            out: (text) => {
                ran.out += text;
            },
            err: (text) => {
                ran.err += text;
            },
            isTerminal: false,
            stdin: async () => "",
            now: () => 0,
        });
        const runs = (await readFile(join(folder, "runs"), "utf8").catch(() => "")).trim().split("\n");
        return { code, ...ran, runs, written: await readFile(stateFile(), "utf8") };
    }

    const stdoutOf = (state: string, name: string): string =>
        JSON.parse(state).deployment.resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`)).outputs
            .stdout;

    it("shows what it would write, and writes nothing, unless it is told to", async () => {
        const state = exported(resources({ kept: adopted }));
        const { code, out, err, runs, written } = await restore(state);
        assert.equal(code, 0);
        assert.deepEqual(JSON.parse(out), adopted);
        assert.match(err, /generation 1 \(adopted, .*\), from the stack's outputs\. Nothing is written\..*--yes/);
        assert.deepEqual(runs, ["stack export --stack dev --non-interactive"]);
        assert.equal(written, state);
    });

    it("writes the record where it was, and leaves everything else, also secrets, as it is", async () => {
        const state = exported(resources({ kept: adopted }));
        const { code, err, runs, written } = await restore(state, "--yes");
        assert.equal(code, 0);
        assert.match(err, /Run pulumi up\./);
        assert.deepEqual(runs.slice(1), ["stack import --stack dev --non-interactive"]);
        const after = JSON.parse(written);
        const { outputs } = after.deployment.resources[2];
        assert.deepEqual(parseRecord(outputs.stdout), adopted);
        outputs.stdout = "";
        assert.deepEqual(after, JSON.parse(state));
    });

    it("never asks pulumi for secrets in clear", async () => {
        const { runs } = await restore(exported(resources({ kept: adopted })), "--yes");
        assert.ok(runs.every((line) => !line.includes("--show-secrets")));
    });

    it("changes nothing where the record is not lost", async () => {
        const state = exported(resources({ record: JSON.stringify(adopted) }));
        const { code, err, written } = await restore(state, "--generation", "9", "--yes");
        assert.equal(code, 0);
        assert.match(err, /nothing to restore/);
        assert.equal(written, state);
    });

    it("takes a record that is encrypted for one that can be lost", async () => {
        const { written } = await restore(exported(resources({ record: secret, kept: adopted })), "--yes");
        assert.deepEqual(parseRecord(stdoutOf(written, "blue-rotation")), adopted);
    });

    it("takes the record of an earlier version, or of a file, of an export or of a file backend", async () => {
        const [, , rotation] = resources({ record: JSON.stringify(adopted) });
        const earlier = exported([rotation as object]);
        await writeFile(join(folder, "earlier.json"), earlier);
        const byVersion = await restore(exported(resources()), "--from-version", "7", "--yes");
        assert.equal(byVersion.runs[1], "stack export --stack dev --version 7 --non-interactive");
        assert.deepEqual(parseRecord(stdoutOf(byVersion.written, "blue-rotation")), adopted);

        const file = join(folder, "history.json");
        const { resources: latest } = JSON.parse(earlier).deployment;
        await writeFile(file, `\uFEFF${JSON.stringify({ version: 3, checkpoint: { latest: { resources: latest } } })}`);
        const byFile = await restore(exported(resources()), "--from-file", file, "--yes");
        assert.deepEqual(parseRecord(stdoutOf(byFile.written, "blue-rotation")), adopted);
    });

    it("makes one by hand, of the cluster as the intent has found it", async () => {
        const { written } = await restore(exported(resources()), "--generation", "1", "--yes");
        const record = parseRecord(stdoutOf(written, "blue-rotation"));
        assert.deepEqual([record.generation, record.outcome], [1, "adopted"]);
        assert.deepEqual(record.caAfter, intent.caFingerprints);
        assert.equal(record.clusterId, clusterId);
    });

    it("brings back an intent that is lost too: that of the other Command's inputs, else one of the record", async () => {
        const known: Intent = { ...intent, generation: 1 };
        for (const [given, generation] of [
            [JSON.stringify(known), 1],
            [secret, adopted.generation],
        ] as const) {
            const state = exported(resources({ kept: adopted, intentStdout: "", given }));
            const { written, err } = await restore(state, "--yes");
            assert.match(err, /its rotation record and its intent back/);
            const restored = parseIntent(stdoutOf(written, "blue-intent"));
            assert.equal(restored.generation, generation);
            assert.deepEqual(restored.caFingerprints, adopted.caAfter);
        }
    });

    it("brings back an intent that alone is lost, and leaves the record as it is", async () => {
        const record = JSON.stringify({ ...adopted, generation: 2 });
        const given = JSON.stringify({ ...intent, earlierGeneration: 1 });
        const { code, written } = await restore(exported(resources({ record, intentStdout: "", given })), "--yes");
        assert.equal(code, 0);
        assert.equal(stdoutOf(written, "blue-intent"), given);
        assert.deepEqual(JSON.parse(stdoutOf(written, "blue-rotation")), JSON.parse(record));
    });

    it("leaves an intent that is there, or encrypted, as it is", async () => {
        for (const intentStdout of [JSON.stringify(intent), secret]) {
            const { written } = await restore(exported(resources({ kept: adopted, intentStdout })), "--yes");
            assert.deepEqual(stdoutOf(written, "blue-intent"), intentStdout);
        }
    });

    it("asks which cluster is meant where the stack has several", async () => {
        const other = clusterId.replace(/c$/, "other");
        const state = exported(
            resources({ kept: adopted }),
            resources({ name: "green", id: other, kept: { ...adopted, clusterId: other, generation: 4 } }),
        );
        const unclear = await restore(state, "--yes");
        assert.equal(unclear.code, 1);
        assert.match(unclear.err, /several clusters; give --cluster-id:[\s\S]*blue: .*[\s\S]*green: /);
        assert.equal(unclear.written, state);
        const { written } = await restore(state, "--cluster-id", other.toUpperCase(), "--yes");
        assert.equal(parseRecord(stdoutOf(written, "green-rotation")).generation, 4);
        assert.equal(stdoutOf(written, "blue-rotation"), "");
    });

    it("refuses a record of another cluster, and a state without one, and writes nothing", async () => {
        for (const [options, args, message] of [
            [{ kept: { ...adopted, clusterId: "/another" } }, [], /of another cluster, \/another; nothing was written/],
            [{}, [], /no rotation record of blue in the stack's outputs[\s\S]*--from-cluster[\s\S]*--generation/],
            [{ intentStdout: secret }, ["--generation", "1"], /neither an intent nor a CA/],
        ] as const) {
            const state = exported(resources(options));
            const { code, err, written } = await restore(state, ...args, "--yes");
            assert.equal(code, 1);
            assert.match(err, message);
            assert.equal(written, state);
        }
        const { err } = await restore(exported([]), "--yes");
        assert.match(err, /no Command of a CertificateRotation/);
    });

    it("refuses two sources, a wrong generation, and no stack", async () => {
        const state = exported(resources({ kept: adopted }));
        for (const args of [
            ["--generation", "1", "--from-file", "x"],
            ["--generation", "1", "--from-cluster"],
            ["--generation", "-1"],
            ["--generation", "1.5"],
            ["--from-file", ""],
            ["--stack", ""],
        ]) {
            const { code, written } = await restore(state, ...args, "--yes");
            assert.equal(code, 2, args.join(" "));
            assert.equal(written, state);
        }
    });

    it("reports a pulumi that fails in its own words", async () => {
        await writeFile(
            join(folder, "pulumi"),
            `#!${process.execPath}\nconsole.error("no stack named dev"); process.exit(255);\n`,
        );
        const { code, err } = await restore(exported([]));
        assert.equal(code, 1);
        assert.match(err, /pulumi stack export --stack dev failed in .*: no stack named dev/);
    });
});
