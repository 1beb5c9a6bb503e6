import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import path from "node:path";
import { create } from "tar";
import { downloadFile, downloadText } from "../../toolchain/download";
import { ETCD } from "../../toolchain/etcd";
import { getPinned } from "../../toolchain/get-tool";
import { API_SERVER } from "../../toolchain/kubernetes";
import { PULUMI } from "../../toolchain/pulumi";
import { contents, emptySurroundings, files, install, program, serve, temporaryFolder } from "./toolchain-fakes";

const { signal } = new AbortController();
const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const SERVER_PATH = "/release/v1.36.3/bin/linux/amd64/kube-apiserver";
const SERVER = program("Kubernetes v1.36.3");
const SLOT = "kube-apiserver-1.36.3-linux-x64";

describe("toolchain: downloads", () => {
    let folder: string;
    let endings: (() => Promise<void>)[];

    beforeEach(async () => {
        const temporary = await temporaryFolder();
        folder = temporary.folder;
        endings = [temporary.dispose];
    });
    afterEach(async () => {
        await Promise.all(endings.map((end) => end()));
    });

    async function origin(listener: RequestListener): Promise<string> {
        const server = await serve(listener);
        endings.push(server.close);
        return server.origin;
    }

    /** Gets kube-apiserver where the release is what this listener answers, and there is no go. */
    async function getFrom(listener: RequestListener) {
        const surroundings = emptySurroundings(folder);
        surroundings.origins.kubernetes = await origin(listener);
        const outcome = await getPinned(API_SERVER, surroundings);
        return { ...outcome, cached: await contents(surroundings.cacheFolder), surroundings };
    }

    it("keeps a release whose checksum is the published one, and finds it there the next time", async () => {
        const first = await getFrom(files({ [SERVER_PATH]: SERVER, [`${SERVER_PATH}.sha256`]: `${sha256(SERVER)}\n` }));
        assert.equal(first.tool?.source, "download");
        assert.equal(first.tool?.version, "1.36.3");
        assert.equal(first.tool?.path, path.join(folder, "cache", SLOT, "bin", "kube-apiserver"));
        assert.equal(await readFile(first.tool?.path ?? "", "utf8"), SERVER);
        assert.deepEqual(first.cached, [SLOT]);

        const second = await getPinned(API_SERVER, emptySurroundings(folder));
        assert.equal(second.tool?.source, "cache");
        assert.equal(second.tool?.path, first.tool?.path);
    });

    it("refuses a file with another checksum, keeps nothing, and goes on to the next way", async () => {
        const wrong = sha256("something else");
        const { tool, refusals, cached, surroundings } = await getFrom(
            files({ [SERVER_PATH]: SERVER, [`${SERVER_PATH}.sha256`]: wrong }),
        );
        assert.equal(tool, undefined);
        assert.deepEqual(
            refusals.map(({ source }) => source),
            ["cache", "download", "go build"],
        );
        assert.match(
            refusals[1]?.why ?? "",
            new RegExp(`has the SHA-256 ${sha256(SERVER)}, published is ${wrong}; not used`),
        );
        assert.match(refusals[2]?.why ?? "", /no go on PATH/);
        assert.deepEqual(cached, []);
        assert.ok(surroundings.news.some((line) => /download did not work: .*SHA-256.*; next: go build$/.test(line)));
    });

    it("refuses a file that has the checksum but calls itself another version", async () => {
        const other = program("Kubernetes v1.36.2");
        const { tool, refusals, cached } = await getFrom(
            files({ [SERVER_PATH]: other, [`${SERVER_PATH}.sha256`]: sha256(other) }),
        );
        assert.equal(tool, undefined);
        assert.match(refusals[1]?.why ?? "", /calls itself 1\.36\.2, not 1\.36\.3/);
        assert.deepEqual(cached, []);
    });

    it("keeps nothing of a download that breaks off half way", async () => {
        const { tool, refusals, cached } = await getFrom((request, response) => {
            if (request.url?.endsWith(".sha256")) {
                response.end(sha256(SERVER));
                return;
            }
            response.writeHead(200, { "content-length": SERVER.length });
            response.write(SERVER.slice(0, 10), () => response.destroy());
        });
        assert.equal(tool, undefined);
        assert.match(refusals[1]?.why ?? "", /^127\.0\.0\.1:\d+ broke off the connection/);
        assert.deepEqual(cached, []);
    });

    it("says so where the release or its checksum is not there", async () => {
        const { refusals } = await getFrom(files({ [SERVER_PATH]: SERVER }));
        assert.match(refusals[1]?.why ?? "", /kube-apiserver\.sha256 answered 404 Not Found$/);
    });

    it("looks for no release where none is made", async () => {
        const surroundings = emptySurroundings(folder, { platform: { os: "darwin", arch: "arm64" } });
        const { refusals } = await getPinned(API_SERVER, surroundings);
        assert.match(refusals[1]?.why ?? "", /^no official kube-apiserver is released for darwin$/);
        assert.equal(refusals[1]?.absent, true);
    });

    it("takes etcd out of its archive", async () => {
        const top = path.join(folder, "etcd-v3.6.16-linux-amd64");
        await mkdir(top);
        await install(top, "etcd", "etcd Version: 3.6.16");
        await install(top, "etcdctl", "etcdctl version: 3.6.16");
        const archive = path.join(folder, "archive.tar.gz");
        await create({ gzip: true, file: archive, cwd: folder }, [path.basename(top)]);
        const data = await readFile(archive);
        const at = "/etcd-io/etcd/releases/download/v3.6.16";
        const name = "etcd-v3.6.16-linux-amd64.tar.gz";
        const surroundings = emptySurroundings(folder);
        surroundings.origins.github = await origin(
            files({
                [`${at}/${name}`]: data,
                [`${at}/SHA256SUMS`]: `${sha256("x")}  x.zip\n${sha256(data)}  ${name}\n`,
            }),
        );
        const { tool } = await getPinned(ETCD, surroundings);
        assert.equal(tool?.source, "download");
        const slot = path.join(surroundings.cacheFolder, "etcd-3.6.16-linux-x64");
        assert.deepEqual(await contents(slot), ["bin"]);
        assert.deepEqual(await contents(path.join(slot, "bin")), ["etcd"]);
    });

    it("does not start Pulumi's installer where its host does not answer", async () => {
        const { tool, refusals } = await getPinned(PULUMI, emptySurroundings(folder));
        assert.equal(tool, undefined);
        assert.match(refusals[1]?.why ?? "", /^127\.0\.0\.1:2 cannot be reached \(ECONNREFUSED/);
    });

    it("gives a host that accepts but never answers up after the connect timeout", async () => {
        const url = await origin(() => {});
        await assert.rejects(
            downloadText(url, { signal, connectTimeout: 50 }),
            /^Error: 127\.0\.0\.1:\d+ gave no answer in 0\.05 s$/,
        );
    });

    it("gives a download that stands still up after the stall timeout", async () => {
        const url = await origin((_request, response) => {
            response.write("a");
        });
        const to = path.join(folder, "file");
        await assert.rejects(
            downloadFile(url, to, sha256("ab"), { signal, stallTimeout: 50 }),
            /sent nothing for 0\.05 s$/,
        );
    });

    it("stops when interrupted, with the reason", async () => {
        const controller = new AbortController();
        const url = await origin(() => controller.abort(new Error("interrupted")));
        await assert.rejects(downloadText(url, { signal: controller.signal }), { message: "interrupted" });
    });
});
