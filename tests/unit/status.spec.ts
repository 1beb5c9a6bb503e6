import assert from "node:assert/strict";
import { parse } from "yaml";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";
import { type Circumstances, commandLine } from "../support/command-line";
import { prod, StatusScene } from "../support/status-scene";

describe("status", function () {
    this.timeout(60_000);
    let scene: StatusScene;
    let aks: LocalAks;

    beforeEach(async () => {
        scene = await StatusScene.open();
        ({ aks } = scene);
    });
    afterEach(() => scene[Symbol.asyncDispose]());

    it("tells of a subscription, a resource group, one cluster by names and by id", async () => {
        const scopes: [args: string[], names: string[]][] = [
            [[], ["test", "prod"]],
            [
                ["--subscription", aks.subscriptionId],
                ["test", "prod"],
            ],
            [["--resource-group", "SHOP"], ["prod"]],
            [["-g", "lab", "-n", "test"], ["test"]],
            [["--cluster-id", scene.idOf(prod).toUpperCase()], ["PROD"]],
        ];
        for (const [args, names] of scopes) {
            const { clusters, code } = await scene.report(args);
            assert.deepEqual(
                clusters.map(({ name }) => name),
                names,
                args.join(" "),
            );
            assert.equal(code, 0);
        }
    });

    it("tells of each certificate what, whose, until when, and by which authority", async () => {
        const [cluster] = (await scene.report(["-g", "shop"])).clusters;
        assert.deepEqual(
            cluster?.certificates.map(({ certificate, subject, daysLeft, authority, state }) => [
                certificate,
                subject,
                daysLeft,
                authority,
                state,
            ]),
            [
                ["cluster CA", "CN=ca", 30 * 365 - 1, "CN=ca", "ok"],
                ["API server", "CN=apiserver", 2 * 365 - 1, "CN=ca", "ok"],
                ["client", "O=system:masters, CN=masterclient", 2 * 365 - 1, "CN=ca", "ok"],
            ],
        );
        assert.deepEqual([cluster?.provisioningState, cluster?.powerState], ["Succeeded", "Running"]);
        // The light backend keeps no objects: that is said, and is no failure.
        assert.equal(cluster?.rotationUnknown, "there is no ConfigMap default/aks-certificate-rotation");
    });

    it("looks at a hundred clusters with three requests each, 20 clusters at once, and counts them", async () => {
        for (let i = 0; i < 98; i++) {
            await aks.addCluster({ resourceGroup: "many", name: `c${i}`, backend: "light" });
        }
        aks.control.clearRequests();
        const held = aks.control.addFault({
            match: { kind: "listClusterUserCredential" },
            action: { type: "hold", when: "before" },
            count: 0,
        });
        const asked = () => aks.control.requests().filter(({ kind }) => kind === "listClusterUserCredential").length;
        let clock = Date.now();
        const ended = scene.report([], {
            now: () => {
                clock += 50;
                return clock;
            },
        });
        await aks.control.struck(held, 20);
        // Whatever else was on its way is there once a request that was sent later has been answered.
        await commandLine(aks, ["status", "-g", "shop", "-n", "prod", "--admin", "-o", "json"]);
        assert.equal(asked(), 20);
        aks.control.release(held);
        const { clusters, code, err } = await ended;
        assert.deepEqual([clusters.length, code, asked()], [100, 0, 100]);
        const kinds = aks.control.requests().map(({ kind }) => kind);
        assert.equal(kinds.filter((kind) => kind === "listClusters").length, 1);
        assert.equal(kinds.filter((kind) => kind === "apiServer").length, 101);
        assert.match(err, /^(Waiting for .* \u2026\n)*(\d+ of 100 clusters\n(Waiting for .* \u2026\n)*)+$/);
    });

    it("prints the same as YAML, and nothing secret in any format", async () => {
        const texts = await Promise.all(
            ["json", "yaml", "table"].map(
                async (format) => (await scene.status(["-g", "shop", "-o", format], { now: () => 1.8e12 })).out,
            ),
        );
        assert.deepEqual(parse(texts[1] ?? ""), JSON.parse(texts[0] ?? ""));
        for (const secret of aks.issuedSecrets()) {
            assert.ok(!texts.some((text) => text.includes(secret)));
        }
    });

    it("ends with 3, never with a warning, where it cannot tell", async () => {
        const cases: [args: string[], says: RegExp, circumstances?: Circumstances][] = [
            [["--warn-days", "soon"], /must be a whole number, 0 or more/],
            [["--critical-days", "9007199254740992"], /must be at most 9007199254740991/],
            [["--warn-days", "3"], /--warn-days \(3\) is below --critical-days \(7\)/],
            [["--output", "xml"], /Allowed choices are table, json, yaml/],
            [["--nonsense"], /unknown option/],
            [["-g", ""], /--resource-group is empty: give it a value, or leave it out/],
            [
                ["--stack", "a", "--cwd", scene.folder],
                /no Pulumi project in the folder .*\. Give the project's folder with --cwd/,
            ],
            [["-n", "prod"], /give --resource-group too/],
            [["--stack", "a", "-g", "shop"], /--stack and --resource-group name clusters in different ways/],
            [["--cluster-id", "/subscriptions/1/resourceGroups/2"], /id of a resource group/],
            [["-g", "nowhere"], /There is no resource group "nowhere"/],
            [["--outputs", "-"], /not JSON/],
            [["--outputs", "-"], /the stack has no clusterIdentifier\. Run pulumi up, or export it/, { stdin: "{}" }],
            [
                ["--outputs", "-"],
                /has no clusterIdentifier as .*\(clusterIdentifier: /,
                { stdin: '{"clusterIdentifier":1}' },
            ],
            [["--kubeconfig", "/nonexistent/config"], /kubeconfig \/nonexistent\/config cannot be read/],
            [[], /did not accept the sign-in[\s\S]*AADSTS7000215/, { env: { ARM_CLIENT_SECRET: "wrong" } }],
            [[], /Which subscription\?/, { env: { ARM_SUBSCRIPTION_ID: undefined, PATH: "/nonexistent" } }],
            [["--stack", "a"], /no pulumi on the PATH/, { env: { PATH: "/nonexistent" } }],
        ];
        for (const [args, says, circumstances] of cases) {
            const { code, out, err } = await scene.status(args, circumstances);
            assert.equal(code, 3, args.join(" "));
            assert.match(err, says);
            // Monitoring reads standard output, of that the first line.
            assert.match(out, /^AKS CERTIFICATES UNKNOWN - .+\n$/);
            const [first = ""] = err.replace(/^error: /, "").split("\n");
            assert.equal(out, `AKS CERTIFICATES UNKNOWN - ${first}\n`);
            for (const format of [["-o", "json"], ["--output", "yaml"], ["-ojson"], ["--output=yaml"]]) {
                if (!args.includes("--output")) {
                    assert.equal((await scene.status([...args, ...format], circumstances)).out, "", "no document");
                }
            }
        }
    });
});
