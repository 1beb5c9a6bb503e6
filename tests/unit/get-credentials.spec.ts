import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
    chmodSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { commandLine } from "../support/command-line";
import { reviewSelf } from "./local-aks-clients";

const entraId = { aadProfile: { managed: true }, disableLocalAccounts: true };
const prod = { resourceGroup: "shop", name: "prod" };

const mine = `# My clusters.
apiVersion: v1
kind: Config
clusters:
- name: home # under the stairs
  cluster:
    server: https://home.example:6443
contexts:
- name: home
  context: {cluster: home, user: me}
current-context: home
users:
- name: me
  user:
    token: not-a-secret
`;

describe("get-credentials", () => {
    let aks: LocalAks;
    let home: string;
    let file: string;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...prod, backend: "light" });
    });
    after(() => aks.close());
    beforeEach(() => {
        home = mkdtempSync(join(tmpdir(), "home-"));
        file = join(home, ".kube", "config");
    });
    afterEach(() => rmSync(home, { recursive: true }));

    const get = (args: string[] = [], env: Record<string, string | undefined> = {}) =>
        commandLine(aks, ["get-credentials", "-g", "shop", "-n", "prod", ...args], { env: { HOME: home, ...env } });
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    const write = (text: string) => {
        mkdirSync(join(home, ".kube"), { recursive: true });
        writeFileSync(file, text, { mode: 0o600 });
    };
    const read = () => readFileSync(file, "utf8");
    const names = (text: string) => {
        const { clusters, users, contexts, "current-context": current } = parse(text);
        const of = (list: { name: string }[]) => list.map(({ name }) => name);
        return [of(clusters), of(users), of(contexts), current];
    };

    it("makes a kubeconfig that works, which nobody else can read", async () => {
        const { code, out, err } = await get();
        assert.deepEqual([code, out], [0, ""]);
        assert.match(err, /^Merged "prod" as current context in .*config\.\n$/);
        assert.deepEqual(names(read()), [["prod"], ["clusterUser_shop_prod"], ["prod"], "prod"]);
        assert.deepEqual(await reviewSelf(read()), { username: "masterclient" });
        assert.deepEqual([mode(file), mode(join(home, ".kube"))], ["600", "700"]);
        assert.deepEqual(readdirSync(join(home, ".kube")), ["config"], "neither lock nor leftover");
    });

    it("moves a kubeconfig to the new certificates after a rotation, and keeps all else, comments too", async () => {
        write(mine);
        await get();
        const before = read();
        assert.ok(before.startsWith("# My clusters.\n") && before.includes("- name: home # under the stairs\n"));
        assert.deepEqual(names(before), [["home", "prod"], ["me", "clusterUser_shop_prod"], ["home", "prod"], "prod"]);
        await aks.control.rotateBySomebodyElse(prod).finished;
        assert.match((await reviewSelf(before)).error ?? "", /certificate/);
        const { err } = await get();
        assert.match(
            err,
            /replaced: cluster "prod", user "clusterUser_shop_prod"\. The former file is .*config\.backup/,
        );
        assert.deepEqual(await reviewSelf(read()), { username: "masterclient" });
        assert.equal(readFileSync(`${file}.backup`, "utf8"), before);
        assert.equal(mode(`${file}.backup`), "600");
        assert.ok(read().includes("# under the stairs"));
        const settled = read();
        assert.doesNotMatch((await get()).err, /former file/);
        assert.equal(read(), settled, "a second time changes nothing");
    });

    it("names contexts as az does: --admin and --context", async () => {
        await get(["--admin"]);
        await get(["--context", "eu"]);
        await get(["--context", "eu", "--admin"]);
        assert.deepEqual(names(read()), [
            ["prod", "eu"],
            ["clusterAdmin_shop_prod", "clusterUser_shop_prod"],
            ["prod-admin", "eu", "eu-admin"],
            "eu-admin",
        ]);
    });

    it("has the public name of a private cluster's API server with --public-fqdn", async () => {
        const apiServerAccessProfile = { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true };
        await aks.addCluster({ resourceGroup: "shop", name: "hidden", backend: "light", apiServerAccessProfile });
        const host = async (...args: string[]) => {
            const { out } = await get(["--file", "-", "-n", "hidden", ...args]);
            return new URL(parse(out).clusters[0].cluster.server).hostname;
        };
        assert.deepEqual(
            [await host(), await host("--public-fqdn"), await host("--public-fqdn", "--admin")],
            ["127.0.0.1", "localhost", "localhost"],
        );
    });

    it("prints with --file -, and touches no file", async () => {
        const { out, code, err } = await get(["--file", "-", "--context", "eu"]);
        assert.deepEqual([code, err, names(out)], [0, "", [["eu"], ["clusterUser_shop_prod"], ["eu"], "eu"]]);
        assert.deepEqual(readdirSync(home), []);
    });

    it("writes to --file, else to the file of KUBECONFIG that kubectl would write to", async () => {
        const [one, two, three] = ["one", "two", "three"].map((name) => join(home, name)) as [string, string, string];
        await get([], { KUBECONFIG: `${one}:${two}` });
        await get(["--file", three], { KUBECONFIG: one });
        assert.deepEqual(readdirSync(home).sort(), ["three", "two"]);
        const empty = await get([], { KUBECONFIG: ":" });
        assert.deepEqual([empty.code, /KUBECONFIG is ":", which names no file/.test(empty.err)], [1, true]);
    });

    it("changes the file of KUBECONFIG that has the entries, and the current context where kubectl reads it", async () => {
        const [one, two] = [join(home, "one"), join(home, "two")];
        const KUBECONFIG = `:${join(home, "nope")}:${one}:${two}`;
        writeFileSync(one, mine, { mode: 0o600 });
        await get(["--file", two]);
        const before = readFileSync(two, "utf8");
        await aks.control.rotateBySomebodyElse(prod).finished;
        const { code, err } = await get([], { KUBECONFIG });
        assert.equal(code, 0, err);
        assert.match(
            err,
            /Merged "prod" as current context in .*two; replaced: .*\nMade it the current context in .*one too/,
        );
        assert.deepEqual(await reviewSelf(readFileSync(two, "utf8")), { username: "masterclient" });
        assert.equal(readFileSync(`${two}.backup`, "utf8"), before);
        assert.deepEqual(parse(readFileSync(one, "utf8")), { ...parse(mine), "current-context": "prod" });
        const report = await commandLine(aks, ["status", "-g", "shop", "-n", "prod", "--kubeconfig", "-o", "json"], {
            env: { KUBECONFIG },
        });
        assert.deepEqual(JSON.parse(report.out).clusters[0].kubeconfig, {
            source: `${one}:${two}`,
            state: "current",
            reason: null,
        });
        const refused = await get([], { KUBECONFIG: `${home}:${two}` });
        assert.deepEqual([refused.code, refused.out], [1, ""]);
        assert.match(refused.err, /cannot be read: it is a directory\./);
    });

    it("does not replace what is of another cluster, unless told to", async () => {
        const other = mine.replaceAll("home", "prod");
        write(other);
        const { code, err } = await get();
        assert.equal(code, 1);
        assert.match(
            err,
            /was not changed: There is a cluster "prod" of another API server .*prod\.example:6443.*--context NAME.*--overwrite-existing/,
        );
        assert.equal(read(), other);
        assert.equal((await get(["--overwrite-existing"])).code, 0);
        assert.deepEqual(await reviewSelf(read()), { username: "masterclient" });
    });

    it("replaces a cluster that was made again under its name, at another address, where it is told to", async () => {
        await get();
        await get(["--admin"]);
        const before = read();
        await aks.control.recreate(prod);
        // The local AKS gives it the address of before, which Azure does not.
        write(before.replaceAll("127.0.0.1", "prod-0ld.hcp.test"));
        const { code, err } = await get();
        assert.equal(code, 1);
        assert.match(
            err,
            /of another API server .*--overwrite-existing to replace it, as where the cluster was made again/,
        );
        assert.equal((await get(["--overwrite-existing"])).code, 0);
        assert.deepEqual(await reviewSelf(read()), { username: "masterclient" });
        // The admin's context leads to the same entry of the cluster; only its user is of before.
        assert.equal((await get(["--admin"])).code, 0);
        assert.deepEqual(await reviewSelf(read()), { username: "masterclient" });
        assert.doesNotMatch(read(), /0ld/);
    });

    it("leaves a file that is no kubeconfig as it is, says in which line, and repeats nothing of it", async () => {
        const bad: [text: string, says: RegExp][] = [
            ["clusters:\n- name: home\n   bad: s3cret\n", /is not YAML: line 2, column \d+: /],
            ['users:\n- name: "s3cret\n', /is not YAML: line \d, column \d+: /],
            ["- s3cret\n", /no mapping/],
            ["clusters: s3cret\n", /clusters are no list/],
            ["a: *s3cret\n", /alias/],
            ["a: 1\n---\nb: s3cret\n", /line 2, column \d+: multiple docs/],
        ];
        for (const [text, says] of bad) {
            write(text);
            const { code, err } = await get();
            assert.equal(code, 1);
            assert.match(err, says);
            assert.doesNotMatch(err, /s3cret/);
            assert.equal(read(), text);
            assert.deepEqual(readdirSync(join(home, ".kube")), ["config"]);
        }
    });

    it("follows a link, and takes away others' right to read", async () => {
        const real = join(home, "dotfiles");
        write("");
        rmSync(file);
        writeFileSync(real, mine);
        chmodSync(real, 0o644);
        symlinkSync(real, file);
        const { err } = await get();
        assert.match(err, /had mode 644.*now it is 600/);
        assert.ok(lstatSync(file).isSymbolicLink());
        assert.deepEqual([mode(real), names(readFileSync(real, "utf8"))[3]], ["600", "prod"]);
    });

    it("says what is wrong with the options, and with the cluster", async () => {
        const cases: [args: string[], code: number, says: RegExp][] = [
            [["-g", "shop"], 2, /--name is missing\. Say which cluster/],
            [["--cluster-id", "/x", "-n", "y"], 2, /leave out --resource-group/],
            [["-g", "shop"], 2, /See --help/],
            [["-g", "shop", "-n", "prod", "--admin", "--format", "exec"], 2, /cluster user's/],
            [["-g", "shop", "-n", "prod", "--context", ""], 2, /--context is empty: give it a value, or leave it out/],
            [["-g", "shop", "-n", "prod", "--file", ""], 2, /--file is empty: give it a value, or leave it out/],
            [["-g", "shop", "-n", "prod", "--file", home], 1, /was not changed: it is a directory/],
            [["-g", "shop", "-n", "prod", "--login", "x"], 2, /Allowed choices are azurecli, /],
            [["-g", "shop", "-n", "prod", "--login", "msi", "--admin"], 2, /which --admin does without/],
            [
                ["-g", "shop", "-n", "prod", "--login", "msi", "--format", "azure"],
                2,
                /which --format azure does without/,
            ],
            [["-g", "shop", "-n", "prod", "--login", "msi"], 1, /needs no kubelogin: leave it out/],
            [["-g", "shop", "-n", "prod", "--format", "x"], 2, /Allowed choices are exec, azure/],
            [["--cluster-id", "/subscriptions/a"], 1, /id of a subscription/],
            [["-g", "shop", "-n", "none"], 1, /There is no cluster "none" in resource group "shop"/],
        ];
        for (const [args, code, says] of cases) {
            const ran = await commandLine(aks, ["get-credentials", ...args], { env: { HOME: home } });
            assert.deepEqual([ran.code, ran.out], [code, ""], args.join(" "));
            assert.match(ran.err, says);
        }
        assert.deepEqual(readdirSync(home), []);
    });

    it("tells its errors in the words of its options", async () => {
        aks.control.addResource("Microsoft.Kubernetes/connectedClusters", { resourceGroup: "shop", name: "edge" });
        await aks.addCluster({ resourceGroup: "shop", name: "entra", backend: "light", ...entraId });
        const cases: [args: string[], says: RegExp][] = [
            [["-g", "shop", "-n", "none"], /Check --name\./],
            [["-g", "none", "-n", "none"], /Check --resource-group\./],
            [["-g", "shop", "-n", "entra", "--admin"], /has no local accounts: leave out --admin\.$/m],
            [["-g", "shop", "-n", "edge"], /"edge" in resource group "shop" is a cluster that Azure Arc has connected/],
        ];
        for (const [args, says] of cases) {
            const { code, err } = await commandLine(aks, ["get-credentials", ...args], { env: { HOME: home } });
            assert.equal(code, 1, err);
            assert.match(err, says);
            assert.doesNotMatch(err, /resourceGroupName|clusterName|set credentials/);
        }
        const { out } = await commandLine(aks, ["doctor", "--help"]);
        assert.match(out.replace(/\s+/g, " "), /default: ARM_SUBSCRIPTION_ID, else the az CLI's/);
    });

    it("takes the subscription that the az CLI is set to where nothing else says which", async function () {
        if (process.platform === "win32") {
            this.skip();
        }
        // A stand-in for az: all that is asked of it is this.
        const script = `#!/bin/sh\n[ "$*" = "account show --query id --output tsv" ] && echo ${aks.subscriptionId}\n`;
        writeFileSync(join(home, "az"), script, { mode: 0o755 });
        const env = { ARM_SUBSCRIPTION_ID: undefined, PATH: `${home}:${process.env.PATH}` };
        const { code, out } = await get(["--file", "-"], env);
        assert.equal(code, 0);
        assert.equal(names(out)[3], "prod");
        const none = await get([], { ...env, PATH: "/nonexistent" });
        assert.equal(none.code, 1);
        assert.match(
            none.err,
            /Which subscription\? Give --subscription, or set ARM_SUBSCRIPTION_ID, or .*az account set/,
        );
    });

    it("leaves the file as it was when there is no room for the new one", async function () {
        if (process.platform === "win32") {
            this.skip();
        }
        const large = `${mine}# ${"x".repeat(32 * 1024)}\n`;
        write(large);
        // A process's own limit on the size of files stands in for a disk that is full; the error comes at the same place.
        const shell = 'ulimit -f 8; exec "$0" --import "data:text/javascript,process.on(\'SIGXFSZ\',()=>{})" "$@"';
        const program = join(__dirname, "..", "..", "dist", "cli.js");
        const args = ["-c", shell, process.execPath, program, "get-credentials", "-g", "shop", "-n", "prod"];
        const env = { ...process.env, ...aks.environment, HOME: home, KUBECONFIG: "" };
        await assert.rejects(
            promisify(execFile)("sh", args, { env }),
            (error: { code?: number; stderr?: string }) =>
                error.code === 1 && /config was not changed: EFBIG/.test(error.stderr ?? ""),
        );
        assert.equal(read(), large);
        assert.deepEqual(readdirSync(join(home, ".kube")), ["config"]);
    });

    it("keeps how kubelogin signs in, and sets it with --login", async () => {
        const ref = { resourceGroup: "shop", name: "team" };
        await aks.addCluster({ ...ref, backend: "light", ...entraId });
        const login = () => parse(read()).users[0].user.exec.args.slice(0, 3);
        const { code, err } = await get(["-n", ref.name, "--login", "azurecli"]);
        assert.deepEqual([code, err.includes("device code")], [0, false], err);
        assert.deepEqual(login(), ["get-token", "--login", "azurecli"]);
        await aks.control.rotateBySomebodyElse(ref).finished;
        assert.match((await get(["-n", ref.name])).err, /replaced: cluster "team"\./);
        assert.deepEqual(login(), ["get-token", "--login", "azurecli"]);
        await get(["-n", ref.name, "--login", "workloadidentity"]);
        assert.deepEqual(login(), ["get-token", "--login", "workloadidentity"]);
    });

    it("says how kubelogin gets a token without a person, where the kubeconfig asks for one", async () => {
        const ref = { resourceGroup: "shop", name: "people" };
        await aks.addCluster({ ...ref, backend: "light", ...entraId });
        const { code, err } = await get(["-n", ref.name]);
        assert.equal(code, 0, err);
        assert.match(err, /signs in by kubelogin with a device code; --login azurecli makes it use az login/);
        assert.doesNotMatch((await get()).err, /kubelogin/);
    });

    it("writes no secret to standard error", async () => {
        const { err } = await get(["--admin"]);
        for (const secret of aks.issuedSecrets()) {
            assert.ok(!err.includes(secret));
        }
    });
});
