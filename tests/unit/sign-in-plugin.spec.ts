import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ClusterTokenRefused, clusterToken } from "../../azure/cluster-token";
import { connections } from "../../azure/connections";
import { type Host, judgePlugin, thisHost } from "../../components/sign-in-plugin";
import { aksServerId, parseKubeconfig, type SignInPlugin } from "../../formats/kubeconfig";
import { AKS_LIFETIMES, createClusterSecrets } from "../../rehearsal/local-aks/cluster-secrets";
import { type KubeconfigFormat, kubeconfig } from "../../rehearsal/local-aks/kubeconfig";
import { credentialsOf } from "../../rehearsal/plugins/kubernetes/credentials";
import type { Exec } from "../../rehearsal/plugins/kubernetes/kubeconfig";

const tenantId = "11111111-1111-4111-8111-111111111111";

async function pluginOf(format: KubeconfigFormat): Promise<SignInPlugin | undefined> {
    const secrets = await createClusterSecrets(AKS_LIFETIMES);
    const parts = { resourceGroup: "g", clusterName: "blue", server: "https://127.0.0.1:1", secrets };
    return parseKubeconfig(kubeconfig({ ...parts, role: "user", entraId: { tenantId, format } })).signIn;
}

const kubelogin: SignInPlugin = { kind: "exec", name: "kubelogin", serverId: aksServerId, login: "devicecode" };
const host = (files: string[], environment: Host["environment"] = {}, platform: NodeJS.Platform = "linux"): Host => ({
    environment: { PATH: ["/usr/bin", "/opt/bin"].join(delimiter), ...environment },
    platform,
    isExecutable: (file) => files.includes(file.replaceAll("\\", "/")),
});

describe("a kubeconfig's sign-in", () => {
    it("is read from kubelogin's arguments, and from an auth-provider", async () => {
        const common = {
            serverId: "6dae42f8-4368-4678-94ff-3960e28e3630",
            tenantId,
        };
        assert.deepEqual(await pluginOf("exec"), { kind: "exec", name: "kubelogin", login: "devicecode", ...common });
        assert.deepEqual(await pluginOf("azure"), { kind: "auth-provider", name: "azure", ...common });
    });

    it("that needs no program is no matter", () => {
        assert.deepEqual(judgePlugin(undefined, host([])), {});
    });

    it("by a program that is not there says what to install, what a pipeline sets, and how to do without", () => {
        const { error = "" } = judgePlugin(kubelogin, host(["/elsewhere/kubelogin"]));
        for (const words of [
            '"kubelogin", which is not on this machine\'s PATH',
            "az aks install-cli",
            "AAD_LOGIN_METHOD",
            '"admin"',
        ]) {
            assert.ok(error.includes(words), error);
        }
    });

    it("by device code warns, unless kubelogin is told another way", () => {
        const there = ["/opt/bin/kubelogin"];
        assert.match(judgePlugin(kubelogin, host(there)).warning ?? "", /device code[\s\S]*AAD_LOGIN_METHOD/);
        assert.deepEqual(judgePlugin(kubelogin, host(there, { AAD_LOGIN_METHOD: "spn" })), {});
        assert.deepEqual(judgePlugin({ ...kubelogin, login: "azurecli" }, host(there)), {});
    });

    it("is looked for on Windows with its extensions", () => {
        const azurecli = { ...kubelogin, login: "azurecli" };
        const onWindows = (files: string[]) => judgePlugin(azurecli, host(files, { PATHEXT: ".COM;.EXE" }, "win32"));
        assert.deepEqual(onWindows(["/usr/bin/kubelogin.EXE"]), {});
        assert.match(onWindows(["/usr/bin/kubelogin.BAT"]).error ?? "", /PATH/);
    });

    describe("that is not as AKS has it gets to no Kubernetes provider, and no token is requested for it", () => {
        const own = "11111111-2222-4333-8444-555555555555";
        const everything = host(["/opt/bin/kubelogin", "/opt/bin/aws", "/opt/bin/sh", "/a/kubelogin"]);
        const exec = (command: string, args: string[], env?: { name: string; value: string }[]) =>
            parseKubeconfig(
                JSON.stringify({
                    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1", ...ca } }],
                    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
                    users: [{ name: "u", user: { exec: { command, args, env: env ?? null } } }],
                    "current-context": "x",
                }),
            ).signIn;
        const usual = ["get-token", "--login", "azurecli", "--tenant-id", tenantId, "--server-id"];
        let ca: object;
        before(async () => {
            const text = kubeconfig({
                resourceGroup: "g",
                clusterName: "blue",
                server: "https://127.0.0.1:1",
                secrets: await createClusterSecrets(AKS_LIFETIMES),
                role: "admin",
            });
            const { caCertificate } = parseKubeconfig(text);
            ca = { "certificate-authority-data": Buffer.from(caCertificate).toString("base64") };
        });

        const refusals: [what: string, plugin: () => SignInPlugin | undefined, words: RegExp][] = [
            ["another program", () => exec("aws", ["eks", "get-token"]), /by the program "aws", and only kubelogin/],
            ["a shell", () => exec("sh", ["-c", "kubelogin get-token"]), /program "sh"/],
            ["kubelogin by a path", () => exec("/a/kubelogin", [...usual, aksServerId]), /program "\/a\/kubelogin"/],
            ["kubelogin below a folder", () => exec("./kubelogin", [...usual, aksServerId]), /only kubelogin is run/],
            ["a name that holds kubelogin's", () => exec("kubelogin-x", [...usual, aksServerId]), /only kubelogin/],
            [
                "Resource Manager's audience",
                () => exec("kubelogin", [...usual, "https://management.azure.com"]),
                /for application https:\/\/management\.azure\.com, and not for the AKS server application/,
            ],
            ["another application", () => exec("kubelogin", [...usual, own]), /for application 11111111/],
            [
                "another application after the right one: the last one counts",
                () => exec("kubelogin", [...usual, aksServerId, `--server-id=${own}`]),
                /for application 11111111/,
            ],
            [
                "another application behind a flag that takes what looks like a flag",
                () => exec("kubelogin", ["--client-id", "--server-id", "--server-id", own]),
                /for application 11111111/,
            ],
            [
                "an environment",
                () => exec("kubelogin", [...usual, aksServerId], [{ name: "AZURE_AUTHORITY_HOST", value: "x" }]),
                /settings that AKS does not give it \(AZURE_AUTHORITY_HOST\)/,
            ],
            [
                "another authority",
                () => exec("kubelogin", [...usual, aksServerId, "--authority-host=https://e.example"]),
                /settings that AKS does not give it \(--authority-host\)/,
            ],
        ];
        for (const [what, plugin, words] of refusals) {
            it(what, async () => {
                const wanted = plugin() ?? assert.fail("no sign-in");
                assert.match(judgePlugin(wanted, everything).error ?? "", words);
                const asked: unknown[] = [];
                const credential = {
                    getToken: async (scope: unknown) => {
                        asked.push(scope);
                        return { token: "t", expiresOnTimestamp: Date.now() + 3_600_000 };
                    },
                };
                const signIn = { way: "w", credential, clues: { proof: "" }, connect: connections({}) };
                await assert.rejects(clusterToken(signIn, wanted), (error) => {
                    assert.ok(error instanceof ClusterTokenRefused);
                    assert.match(error.message, words);
                    return true;
                });
                assert.deepEqual(asked, []);
            });
        }

        it("is taken where the user allows another application, and then that one alone", () => {
            const other = exec("kubelogin", [...usual, own.toUpperCase()]);
            assert.equal(judgePlugin(other, everything, own).error, undefined);
            const usualOne = exec("kubelogin", [...usual, aksServerId]);
            assert.equal(judgePlugin(usualOne, everything).error, undefined);
            assert.match(judgePlugin(usualOne, everything, own).error ?? "", /which serverApplicationId allows/);
        });

        it("is taken as AKS has it, whatever the order and the form of its flags", () => {
            const forms = [
                ["get-token", "--environment", "AzurePublicCloud", `--server-id=${aksServerId}`, "-l", "msi"],
                ["get-token", "--server-id", aksServerId, "--client-id", "c", "-t", "t", "--legacy", "--login=spn"],
                ["get-token"],
            ];
            for (const args of forms) {
                assert.equal(judgePlugin(exec("kubelogin", args), everything).error, undefined, args.join(" "));
            }
            assert.equal(
                judgePlugin(exec("kubelogin.exe", ["get-token"]), host(["/opt/bin/kubelogin.exe"])).error,
                undefined,
            );
        });

        it("names no other audience by an auth-provider either", async () => {
            const plugin = { ...(await pluginOf("azure")), serverId: "https://management.azure.com" };
            const signIn = {
                way: "w",
                credential: { getToken: () => assert.fail() },
                clues: { proof: "" },
                connect: connections({}),
            };
            await assert.rejects(clusterToken(signIn, plugin), /asks for a token for application https/);
        });
    });

    it("by an auth-provider cannot be used by a Kubernetes provider", async () => {
        const { error = "" } = judgePlugin(await pluginOf("azure"), host([]));
        assert.match(error, /auth-provider "azure", which Kubernetes clients have not had since 1\.26[\s\S]*format/);
        await assert.rejects(
            credentialsOf({ "auth-provider": { name: "azure" } }),
            /no Auth Provider found for name "azure"/,
        );
    });

    it("finds what is there on this machine, and not what is a folder", () => {
        assert.equal(thisHost.isExecutable(process.execPath), true);
        assert.equal(thisHost.isExecutable(tmpdir()), false);
    });
});

describe("kubernetes stand-in: a program that fetches credentials", () => {
    const v1beta1 = "client.authentication.k8s.io/v1beta1";
    let folder: string;

    before(async () => {
        folder = await mkdtemp(join(tmpdir(), "exec-plugin-"));
    });
    after(() => rm(folder, { recursive: true }));

    async function run(answer: string, own: Partial<Exec> = {}) {
        const command = join(folder, "fake-plugin");
        await writeFile(command, `#!/bin/sh\n${answer}\n`);
        await chmod(command, 0o755);
        return credentialsOf({ exec: { apiVersion: v1beta1, command, ...own } });
    }
    const credential = (rest: object, apiVersion = v1beta1) =>
        `echo '${JSON.stringify({ kind: "ExecCredential", apiVersion, ...rest })}'`;

    it("gets its arguments, its environment and what it is to answer; its token is used", async () => {
        const answer = `test "$1" = get-token && test "$OWN" = yes && case "$KUBERNETES_EXEC_INFO" in *ExecCredential*interactive*) ${credential({ status: { token: "t" } })};; esac`;
        const { authorization } = await run(answer, { args: ["get-token"], env: [{ name: "OWN", value: "yes" }] });
        assert.equal(authorization, "Bearer t");
        const v1 = "client.authentication.k8s.io/v1";
        const modern = await run(credential({ status: { token: "u" } }, v1), {
            apiVersion: v1,
            interactiveMode: "Never",
        });
        assert.equal(modern.authorization, "Bearer u");
    });

    const refusals: [what: string, answer: string, own: Partial<Exec>, words: RegExp][] = [
        [
            "an apiVersion that is none",
            "true",
            { apiVersion: "client.authentication.k8s.io/v1alpha1" },
            /invalid apiVersion "client/,
        ],
        [
            "another version in the answer",
            credential({ status: { token: "t" } }, "v9"),
            {},
            /is configured to use API version .*v1beta1, plugin returned version v9/,
        ],
        ["no status", credential({}), {}, /didn't return a status field/],
        ["an empty status", credential({ status: {} }), {}, /didn't return a token or cert\/key pair/],
        [
            "a certificate without a key",
            credential({ status: { clientCertificateData: "c" } }),
            {},
            /only certificate or key, not both/,
        ],
        ["a failure", "echo secret >&2; exit 3", {}, /fake-plugin failed with exit code 3$/],
        ["no JSON", "echo secret", {}, /decoding stdout/],
    ];
    for (const [what, answer, own, words] of refusals) {
        it(`is refused with client-go's words: ${what}`, async () => {
            await assert.rejects(
                run(answer, own),
                (error: Error) => words.test(error.message) && !error.message.includes("secret"),
            );
        });
    }

    it("that is not there is said so, with its hint", async () => {
        const exec = { apiVersion: v1beta1, command: "no-such-program", installHint: "Install it." };
        await assert.rejects(
            credentialsOf({ exec }),
            /exec: executable no-such-program not found[\s\S]*client-go credential plugin that is not installed[\s\S]*Install it\./,
        );
    });
});
