import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { mergeUserKubeconfigs, readUserKubeconfig } from "../../cli/check-kubeconfig";
import { chooseFile, kubeconfigFiles, readKubeconfigFiles } from "../../cli/kubeconfig-list";

const none = { clusters: [], users: [], contexts: [] };
const newNames = { clusters: ["new"], users: ["new"], contexts: ["new"] };

describe("the files of KUBECONFIG", () => {
    const files = (KUBECONFIG: string | undefined, platform: NodeJS.Platform = "linux") =>
        kubeconfigFiles({ HOME: "/h", KUBECONFIG }, platform);

    it("are those that it names, without empty entries and repetitions, else the one at home", () => {
        assert.deepEqual(files(undefined), ["/h/.kube/config"]);
        assert.deepEqual(files(""), ["/h/.kube/config"]);
        assert.deepEqual(files("/a:/b"), ["/a", "/b"]);
        assert.deepEqual(files(":/b"), ["/b"]);
        assert.deepEqual(files("/a::/b:"), ["/a", "/b"]);
        assert.deepEqual(files("/b:/a:/b"), ["/b", "/a"]);
        assert.throws(() => files(":"), /^Error: KUBECONFIG is ":", which names no file\. Name one, or unset it\.$/);
    });

    it("are separated by semicolons on Windows, where quotation marks are taken away; elsewhere these are part of a name", () => {
        assert.deepEqual(files('"/a":/b c'), ['"/a"', "/b c"]);
        assert.deepEqual(files(String.raw`C:\a;;"C:\b;c";C:\d "e;f"`, "win32"), [
            String.raw`C:\a`,
            String.raw`C:\b;c`,
            String.raw`C:\d e;f`,
        ]);
        assert.deepEqual(files('"C:\\a;b', "win32"), ["C:\\a;b"]);
        assert.throws(() => files('"";', "win32"), /names no file/);
    });
});

describe("a kubeconfig of several files", () => {
    let folder: string;
    const path = (name: string) => join(folder, name);
    const write = (name: string, entries: string[], currentContext?: string) =>
        writeFileSync(
            path(name),
            stringify({
                apiVersion: "v1",
                kind: "Config",
                clusters: entries.map((entry) => ({ name: entry, cluster: { server: `https://${name}.test` } })),
                users: entries.map((entry) => ({ name: entry, user: {} })),
                contexts: entries.map((entry) => ({ name: entry, context: { cluster: entry, user: entry } })),
                ...(currentContext !== undefined && { "current-context": currentContext }),
            }),
        );
    const chosen = async (list: string, names = newNames) => {
        const { file, winner } = chooseFile(await readKubeconfigFiles(kubeconfigFiles({ KUBECONFIG: list })), names);
        return [file.path, winner?.path];
    };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "kubeconfigs-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("is changed where the entries are, else in the first file that is there, else in the last one", async () => {
        write("a", ["one"]);
        write("b", ["two"], "two");
        write("c", ["three"]);
        const list = ["nope", "a", "b", "c"].map(path).join(":");
        assert.deepEqual(await chosen(list), [path("a"), undefined]);
        assert.deepEqual(await chosen(list, { ...none, clusters: ["two"] }), [path("b"), undefined]);
        assert.deepEqual(await chosen(list, { ...none, users: ["three"] }), [path("c"), path("b")]);
        assert.deepEqual(await chosen([path("no"), path("nor")].join(":")), [path("nor"), undefined]);
    });

    it("names the file that is no kubeconfig, and the one that cannot be read", async () => {
        write("a", ["one"]);
        writeFileSync(path("b"), "- s3cret\n");
        mkdirSync(path("d"));
        await assert.rejects(chosen(`${path("a")}:${path("b")}`), (error: Error) => {
            assert.match(error.message, /\/b: The kubeconfig is no mapping/);
            assert.doesNotMatch(error.message, /s3cret/);
            return true;
        });
        await assert.rejects(
            chosen(`${path("d")}:${path("a")}`),
            /kubeconfig .*\/d cannot be read: it is a directory\./,
        );
        await assert.rejects(chosen(`${path("a")}/x:${path("a")}`), /cannot be read: a folder in its path is a file\./);
    });

    it("has the first of two entries of one name", () => {
        write("a", ["one"]);
        write("b", ["one", "two"]);
        const both = mergeUserKubeconfigs(
            ["a", "b"].map((name) => readUserKubeconfig(readFileSync(path(name), "utf8"))),
        );
        const servers = both.clusters?.map(({ name, cluster }) => [name, cluster.server]).sort();
        assert.deepEqual(servers, [
            ["one", "https://a.test"],
            ["two", "https://b.test"],
        ]);
        assert.deepEqual(both.contexts?.map(({ name }) => name).sort(), ["one", "two"]);
    });

    it("is read and changed as kubectl does it", async function () {
        this.timeout(60_000);
        const kubectl = (list: string, ...args: string[]) => {
            const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: list };
            return execFileSync("kubectl", ["config", ...args], { env, cwd: folder, encoding: "utf8", stdio: "pipe" });
        };
        try {
            kubectl("", "view");
        } catch {
            this.skip();
        }
        for (const list of ["a:b", ":b:a", "nope:b", "b:a:b", "a::c", "nope:nor", '"a":b', "c:a"]) {
            write("a", ["one"]);
            write("b", ["one", "two"], "two");
            write("c", ["three"], "three");
            const paths = kubeconfigFiles({ KUBECONFIG: list }).map(path);
            const ours = mergeUserKubeconfigs(
                (await readKubeconfigFiles(paths)).map(({ text = "" }) => readUserKubeconfig(text)),
            );
            const theirs = readUserKubeconfig(kubectl(list, "view"));
            const entries = ({ clusters }: typeof ours) =>
                (clusters ?? []).map(({ name, cluster }) => `${name} ${cluster.server}`).sort();
            assert.deepEqual(entries(ours), entries(theirs), list);

            for (const entry of ["two", "new"]) {
                const names = { ...none, clusters: [entry] };
                const { file } = chooseFile(await readKubeconfigFiles(paths), names);
                kubectl(list, "set-cluster", entry, "--server=https://set.test");
                const changed = ["a", "b", "c", "nope", "nor"].filter(
                    (name) => existsSync(path(name)) && readFileSync(path(name), "utf8").includes("set.test"),
                );
                assert.deepEqual(changed.map(path), [file.path], `${list}, ${entry}`);
                for (const name of changed) {
                    rmSync(path(name));
                }
                write("a", ["one"]);
                write("b", ["one", "two"], "two");
                write("c", ["three"], "three");
            }
        }
    });
});
