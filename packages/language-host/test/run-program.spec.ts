import assert from "node:assert/strict";
import { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { parseOptions } from "../src/options";
import { programArguments, programEnvironment, responseTo } from "../src/run-program";

describe("language host: a run of the program", () => {
    const request = () =>
        new RunRequest()
            .setProject("project")
            .setStack("dev")
            .setOrganization("organization")
            .setMonitorAddress("127.0.0.1:1")
            .setParallel(16)
            .setArgsList(["--own", "argument"])
            .setInfo(
                new ProgramInfo()
                    .setRootDirectory("/project")
                    .setProgramDirectory("/project/program")
                    .setEntryPoint("index.ts"),
            );

    it("names the engine, the stack and the entry point to cmd/run", () => {
        const rest = ["--parallel", "16", "index.ts", "--own", "argument"];
        const flags = [
            ...["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--organization", "organization"],
            ...["--project", "project", "--root-directory", "/project", "--stack", "dev", "--pwd", "/project/program"],
        ];
        assert.deepEqual(programArguments(request(), "127.0.0.1:2"), [...flags, ...rest]);
        assert.deepEqual(programArguments(request().setDryrun(true), "127.0.0.1:2"), [...flags, "--dry-run", ...rest]);
        // What is empty is left out.
        assert.ok(!programArguments(request().setOrganization(""), "127.0.0.1:2").includes("--organization"));
    });

    it("hands over config, which keys are secret, and how to compile", () => {
        const withConfig = request().setConfigsecretkeysList(["project:password"]);
        withConfig.getConfigMap().set("project:password", "secret").set("aws:config:region", "x");
        const { PULUMI_CONFIG = "", ...rest } = programEnvironment(withConfig, parseOptions({}));
        assert.deepEqual(JSON.parse(PULUMI_CONFIG), { "project:config:password": "secret", "aws:config:region": "x" });
        assert.deepEqual(rest, {
            PULUMI_CONFIG_SECRET_KEYS: '["project:password"]',
            PULUMI_NODEJS_TYPESCRIPT: "true",
        });
        assert.deepEqual(programEnvironment(request(), parseOptions({ typescript: false, tsconfig: "a.json" })), {
            PULUMI_CONFIG: "{}",
            PULUMI_CONFIG_SECRET_KEYS: "[]",
            PULUMI_NODEJS_TSCONFIG_PATH: "a.json",
        });
        withConfig.getConfigMap().set("bare", "x");
        assert.throws(
            () => programEnvironment(withConfig, parseOptions({})),
            /could not parse bare as a configuration key/,
        );
    });

    it("is well, already reported, or failed, by its exit code", () => {
        const of = (code: number) => responseTo(code).toObject();
        assert.deepEqual(of(0), { error: "", bail: false });
        assert.deepEqual(of(32), { error: "", bail: true });
        for (const code of [1, 13, -1, 255]) {
            assert.deepEqual(of(code), { error: `Program exited with non-zero exit code: ${code}`, bail: false });
        }
    });
});
