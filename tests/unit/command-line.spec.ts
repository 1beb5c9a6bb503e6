import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { parse as parseYaml } from "yaml";
import { useColor } from "../../cli/color";
import { doctorTable } from "../../cli/doctor-table";
import { expiryTable } from "../../cli/expiry-table";
import type { Io } from "../../cli/io";
import { formatResult } from "../../cli/output";
import { reportWaiting } from "../../cli/report-waiting";
import { makeProgram, run } from "../../cli/run";
import { wrap } from "../../cli/wrap";
import type { StatusReport } from "../../formats/status";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { commandLine } from "../support/command-line";

const commands = ["status", "doctor", "get-credentials", "record restore"] as const;
const io: Io = { env: {}, out: () => {}, err: () => {}, isTerminal: false, stdin: async () => "", now: Date.now };

/** A promise that is resolved from outside. */
function signal() {
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
        resolve = done;
    });
    return { promise, resolve: () => resolve() };
}

/** A report with the names and texts of usual length, and with some that are long. */
function report(): StatusReport {
    const state = "critical" as const;
    return {
        status: 1,
        time: "2026-11-24T12:00:00.000Z",
        state,
        warnDays: 30,
        criticalDays: 7,
        clusters: [
            {
                clusterId:
                    "/subscriptions/s/resourcegroups/shop/providers/microsoft.containerservice/managedclusters/prod",
                subscriptionId: "s",
                resourceGroup: "shop",
                name: "prod",
                state,
                provisioningState: "RotatingClusterCertificates",
                powerState: "Running",
                certificates: [
                    {
                        certificate: "client",
                        subject: "O=system:masters, CN=masterclient",
                        authority: "CN=ca",
                        expires: "2026-11-29T12:00:00.000Z",
                        daysLeft: 5,
                        fingerprint: "AA",
                        state,
                    },
                ],
                notes: [
                    "The API server's certificate was not seen: https://prod.example:443 cannot be reached: no answer in time.",
                ],
                rotation: {
                    generation: 2,
                    outcome: "rotated",
                    finished: "2026-11-24T11:30:00.000Z",
                    source: "ConfigMap",
                    isOfThisCa: false,
                },
                rotationUnknown: null,
                kubeconfig: {
                    source: "/home/me/.kube/config",
                    state: "outdated",
                    reason: 'context "prod": its cluster CA is not the one of now',
                },
                error: null,
            },
        ],
    };
}

describe("the command line", () => {
    it("has the same names, defaults and help of an option in all commands", () => {
        const program = makeProgram(io, () => {});
        const all = program.commands.flatMap((command) =>
            command.commands.length === 0
                ? [{ name: command.name(), options: command.options }]
                : command.commands.map((inner) => ({
                      name: `${command.name()} ${inner.name()}`,
                      options: inner.options,
                  })),
        );
        assert.deepEqual(all.map(({ name }) => name).sort(), [...commands].sort());
        const texts = new Map<string, string>();
        let shared = 0;
        for (const { options } of all) {
            for (const { long, flags, description, defaultValue, argChoices } of options) {
                const text = JSON.stringify([flags, description, defaultValue, argChoices]);
                shared += texts.has(long ?? "") ? 1 : 0;
                assert.equal(texts.get(long ?? "") ?? text, text);
                texts.set(long ?? "", text);
            }
        }
        assert.ok(shared > 10);
    });

    it("ends with 2 at wrong options, and status with 3", async () => {
        const ofClusters: string[][] = [
            ["--nonsense"],
            ["-g", "", "-n", "prod"],
            ["-g", "shop", "-n", ""],
            ["--cluster-id", ""],
        ];
        const ofStacks: string[][] = [["--nonsense"], ["--cwd", ""], ["--cluster-id", ""]];
        for (const command of commands) {
            for (const args of command === "record restore" ? ofStacks : ofClusters) {
                let err = "";
                const required = command === "record restore" ? ["--stack", "dev"] : [];
                const code = await run([...command.split(" "), ...required, ...args], {
                    ...io,
                    err: (text) => (err += text),
                });
                assert.equal(code, command === "status" ? 3 : 2, `${command} ${args.join(" ")}`);
                const [empty] = args.flatMap((_, i) => (args[i + 1] === "" ? [args[i]] : []));
                const named = { "-g": "--resource-group", "-n": "--name" }[empty ?? ""] ?? empty;
                assert.ok(empty === undefined || err.startsWith(`${named} is empty: give it a value`), err);
            }
        }
        assert.equal(await run(["no-command"], io), 2);
    });

    it("prints the help where it is given no command, and ends with 2", async () => {
        for (const [args, listed] of [
            [[], ["status", "doctor", "get-credentials", "record"]],
            [["record"], ["restore"]],
        ] as const) {
            const printed = { out: "", err: "" };
            const code = await run([...args], {
                ...io,
                out: (text) => (printed.out += text),
                err: (text) => (printed.err += text),
            });
            assert.equal(code, 2);
            assert.equal(printed.out, "");
            assert.match(printed.err, /^Usage: aks-certificate-rotation/);
            assert.doesNotMatch(printed.err, /is not a command|error:/);
            for (const command of listed) {
                assert.match(printed.err, new RegExp(`^ {2}${command} `, "m"));
            }
        }
    });

    it("takes a generation as large as the component does, and names the largest", async () => {
        const restore = ["record", "restore", "--stack", "dev", "--cwd", "/nonexistent", "--generation"];
        const printed = async (generation: string) => {
            let err = "";
            await run([...restore, generation], { ...io, err: (text) => (err += text) });
            return err;
        };
        assert.match(await printed("9007199254740992"), /--generation .*It must be at most 9007199254740991\./);
        for (const text of ["-1", "1.5", "1e3", "two"]) {
            assert.match(await printed(text), /--generation .*It must be a whole number, 0 or more\./);
        }
        assert.doesNotMatch(await printed("9007199254740991"), /It must be/);
    });

    it("fits into 60 and 80 columns, says the same there, and has no limit where it is no terminal", () => {
        const widest = (text: string) =>
            Math.max(...text.split("\n").map((line) => stripVTControlCharacters(line).length));
        const words = (text: string) => new Set(text.match(/[\w/.:-]{3,}/g));
        const wide = expiryTable(report());
        assert.ok(widest(wide) > 100);
        assert.match(wide, /^CLUSTER +CERTIFICATE +SUBJECT/m);
        for (const columns of [60, 80]) {
            for (const color of [false, true]) {
                const narrow = expiryTable(report(), { columns, color });
                assert.ok(widest(narrow) <= columns, narrow);
                const missing = [...words(wide)].filter(
                    (word) => !/^[A-Z-]+$/.test(word) && !words(stripVTControlCharacters(narrow)).has(word),
                );
                assert.deepEqual(missing, []);
            }
            const findings = [
                {
                    check: "kubernetesVersion",
                    status: "warns",
                    message:
                        "Kubernetes 1.20.1 is no version that AKS supports in this location under this plan any more",
                    advice: "Upgrade the cluster to one of the versions that AKS supports there, as soon as it can be done.",
                },
            ] as const;
            const id = "54ff56e1-cd7e-4a82-a7be-8d319e587fe9";
            const signIn = {
                check: "signIn",
                status: "ok",
                message: `application ${id}, tenant ${id}`,
                advice: "",
            } as const;
            const table = doctorTable({ clusterId: "/id", findings: [...findings, signIn] }, { columns, color: true });
            assert.ok(widest(table) <= columns, table);
            assert.equal(table.split(id).length, 3, "an id is whole");
        }
        assert.equal(expiryTable(report(), { columns: 300 }), wide);
    });

    it("has the error of the one cluster in the line that monitoring shows", () => {
        const { clusters, ...rest } = report();
        const failed = clusters.map((cluster) => ({ ...cluster, error: "It is not there.\nLook for it." }));
        assert.match(
            expiryTable({ ...rest, clusters: failed }),
            /^AKS CERTIFICATES CRITICAL - shop\/prod: It is not there\.\n/,
        );
    });

    it("breaks lines between words alone", () => {
        assert.equal(wrap("one two three", 7, "", "  "), "one two\n  three");
        assert.equal(wrap("one two", undefined), "one two");
        assert.equal(wrap("longerthanthat two", 5), "longerthanthat\ntwo");
    });

    it("is coloured on a terminal alone, unless NO_COLOR or FORCE_COLOR says otherwise, in each command alike", () => {
        const cases: [env: Record<string, string>, isTerminal: boolean, expected: boolean][] = [
            [{}, true, true],
            [{}, false, false],
            [{ CI: "true" }, false, false],
            [{ TERM: "dumb" }, true, false],
            [{ NO_COLOR: "1" }, true, false],
            [{ NO_COLOR: "" }, true, true],
            [{ FORCE_COLOR: "1" }, false, true],
            [{ FORCE_COLOR: "0" }, true, false],
            [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, false],
        ];
        for (const [env, isTerminal, expected] of cases) {
            assert.equal(useColor(env, isTerminal), expected, JSON.stringify([env, isTerminal]));
        }
        const findings = [{ check: "rights", status: "ok", message: "it is so", advice: "" } as const];
        for (const color of [true, false]) {
            for (const text of [
                expiryTable(report(), { color }),
                doctorTable({ clusterId: "/id", findings }, { color }),
            ]) {
                assert.equal(text !== stripVTControlCharacters(text), color);
            }
        }
    });

    it("quotes instants in YAML, which YAML 1.1 reads as dates", () => {
        const text = formatResult(report(), "yaml", () => "");
        assert.match(text, /^time: "2026-11-24T12:00:00\.000Z"$/m);
        assert.deepEqual(parseYaml(text, { version: "1.1" }), report());
    });

    it("says what it waits for where that takes a moment, and nothing else", async () => {
        let err = "";
        const out = { err: (text: string) => (err += text) };
        assert.equal(await reportWaiting(out, "nothing", async () => 1), 1);
        assert.equal(err, "");
        const said = signal();
        const listener = {
            err: (text: string) => {
                err += text;
                said.resolve();
            },
        };
        const began = performance.now();
        await reportWaiting(listener, "Azure", () => said.promise);
        assert.equal(err, "Waiting for Azure …\n");
        assert.ok(performance.now() - began < 1000);
    });

    describe("with Azure", () => {
        let aks: LocalAks;

        before(async () => {
            aks = await startLocalAks();
            await aks.addCluster({ resourceGroup: "shop", name: "prod", backend: "light" });
        });
        after(() => aks.close());

        it("repeats Azure's own message of a list that it refuses", async () => {
            const message = "The subscription 'x' is disabled and therefore marked as read only.";
            const answer = { type: "answer", status: 409, code: "ReadOnlyDisabledSubscription", message } as const;
            aks.control.addFault({ match: { kind: "listClusters" }, action: answer, count: 0 });
            const { code, out, err } = await commandLine(aks, ["status"]);
            aks.control.clearFaults();
            assert.equal(code, 3);
            assert.ok(err.includes(message), err);
            assert.ok(out.includes(message), out);
            assert.doesNotMatch(err, /Pagination failed/);
        });

        it("says within a second what it waits for", async () => {
            for (const [kind, args, says] of [
                ["listClusters", ["status"], /^Waiting for Azure's list of clusters …$/m],
                [
                    "listClusterUserCredential",
                    ["status", "-g", "shop"],
                    /^Waiting for Azure and the API server of shop\/prod …$/m,
                ],
                [
                    "listClusterUserCredential",
                    ["get-credentials", "-g", "shop", "-n", "prod", "--file", "-"],
                    /^Waiting for Azure to give the kubeconfig of prod …$/m,
                ],
                ["getCluster", ["doctor", "-g", "shop", "-n", "prod"], /^Waiting for the checks of prod …$/m],
            ] as const) {
                const hold = aks.control.addFault({
                    match: { kind },
                    action: { type: "hold", when: "before" },
                    count: 0,
                });
                const waiting = signal();
                const ended = commandLine(aks, [...args], { onErr: () => waiting.resolve() });
                await waiting.promise;
                aks.control.release(hold);
                aks.control.clearFaults();
                assert.match((await ended).err, says);
            }
        });
    });
});
