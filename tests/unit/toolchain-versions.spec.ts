import assert from "node:assert/strict";
import { satisfies } from "semver";
import { findSha256 } from "../../toolchain/download";
import { inWords } from "../../toolchain/duration";
import { ETCD } from "../../toolchain/etcd";
import { BuildNews, goBuildArguments, goEnvironment } from "../../toolchain/go-build";
import { API_SERVER, CONTROLLER_MANAGER } from "../../toolchain/kubernetes";
import { goPlatform } from "../../toolchain/platform";
import { PULUMI } from "../../toolchain/pulumi";
import { parseVersion, type Recipe } from "../../toolchain/recipe";
import { cacheFolder } from "../../toolchain/surroundings";
import { emptySurroundings } from "./toolchain-fakes";

const ETCD_OUTPUT = "etcd Version: 3.6.16\nGit SHA: 0b065e6\nGo Version: go1.26.8\nGo OS/Arch: linux/amd64\n";

describe("toolchain: versions", () => {
    const printed: [Recipe, string, string | undefined][] = [
        [PULUMI, "v3.259.0\n", "3.259.0"],
        [PULUMI, "v3.260.0-alpha.x3f2c1a\n", "3.260.0-alpha.x3f2c1a"],
        [PULUMI, "warning: upgrade from version '3.200.0' to '3.259.0'\nv3.200.0\n", "3.200.0"],
        [PULUMI, "pulumi: command not found\n", undefined],
        [ETCD, ETCD_OUTPUT, "3.6.16"],
        [ETCD, "etcd Version: 3.7.0-rc.1\nGit SHA: x\nGo Version: go1.26.8\n", "3.7.0-rc.1"],
        [ETCD, "Go Version: go1.26.8\n", undefined],
        [API_SERVER, "Kubernetes v1.36.3\n", "1.36.3"],
        [API_SERVER, "Kubernetes v1.33.0+k3s1\r\n", "1.33.0+k3s1"],
        [CONTROLLER_MANAGER, "Kubernetes v1.36.3\n", "1.36.3"],
        [CONTROLLER_MANAGER, "Client Version: v1.36.3\n", undefined],
        [CONTROLLER_MANAGER, "", undefined],
    ];
    for (const [recipe, output, version] of printed) {
        it(`${recipe.name} that prints ${JSON.stringify(output)} is ${version ?? "nothing known"}`, () => {
            assert.equal(parseVersion(recipe, output), version);
        });
    }

    const accepted: [Recipe, string[], string[]][] = [
        [PULUMI, ["3.259.0", "3.259.1", "3.300.0", "3.260.0-alpha.1"], ["3.258.9", "2.259.0", "4.0.0", "4.0.0-beta.1"]],
        [ETCD, ["3.6.0", "3.6.16", "3.7.2"], ["3.5.30", "4.0.0"]],
        [API_SERVER, ["1.30.0", "1.36.3", "1.39.9", "1.33.0+k3s1"], ["1.29.9", "1.40.0", "2.30.0"]],
        [CONTROLLER_MANAGER, ["1.30.0", "1.36.3"], ["1.29.9"]],
    ];
    for (const [recipe, good, bad] of accepted) {
        it(`an installed ${recipe.name} will do from ${recipe.acceptsInWords}, and so does what we would get`, () => {
            const does = (version: string) => satisfies(version, recipe.accepts, { includePrerelease: true });
            assert.deepEqual(good.filter(does), good);
            assert.deepEqual(bad.filter(does), []);
            assert.equal(does(recipe.version), true);
        });
    }
});

describe("toolchain: go build", () => {
    it("is run with the pinned dependencies, without C, and for this machine", () => {
        const environment = { PATH: "p", GOFLAGS: "-mod=mod", GOOS: "plan9", GOTOOLCHAIN: "local", GOPROXY: "g" };
        const built = goEnvironment(emptySurroundings("f", { environment, platform: { os: "win32", arch: "arm64" } }));
        assert.deepEqual(built, {
            PATH: "p",
            GOTOOLCHAIN: "local",
            GOPROXY: "g",
            CGO_ENABLED: "0",
            GOFLAGS: "-mod=readonly",
            GOWORK: "off",
            GOOS: "windows",
            GOARCH: "arm64",
        });
    });

    it("sets the version that the tool then prints", () => {
        assert.deepEqual(goBuildArguments(PULUMI.build, "out"), [
            "build",
            "-v",
            "-trimpath",
            "-ldflags",
            "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0",
            "-o",
            "out",
            "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ]);
        assert.match(API_SERVER.build.linkerFlags, /gitVersion=v1\.36\.3 .*gitMajor=1 .*gitMinor=36$/);
    });

    it("says how far it is and what went wrong", () => {
        const news = new BuildNews();
        assert.equal(news.summary(), "nothing new compiled");
        const lines = [
            "go: downloading k8s.io/api v0.36.3",
            "internal/goarch",
            "k8s.io/api/core/v1",
            "vendor/golang.org/x/net",
        ];
        for (const line of [...lines, "", "# k8s.io/api/core/v1", "types.go:1:2: undefined: X"]) {
            news.add(line);
        }
        assert.equal(news.summary(), "downloaded 1 modules, compiled 3 packages");
        assert.equal(news.complaint(), "# k8s.io/api/core/v1; types.go:1:2: undefined: X");
    });
});

describe("toolchain: words and folders", () => {
    it("names platforms as Go does", () => {
        assert.deepEqual(goPlatform({ os: "linux", arch: "x64" }), { os: "linux", arch: "amd64" });
        assert.deepEqual(goPlatform({ os: "darwin", arch: "arm64" }), { os: "darwin", arch: "arm64" });
        assert.deepEqual(goPlatform({ os: "win32", arch: "x64" }), { os: "windows", arch: "amd64" });
    });

    it("writes durations", () => {
        assert.deepEqual([850, 59_400, 130_000, 3_600_000].map(inWords), ["1 s", "59 s", "2 m 10 s", "60 m 0 s"]);
    });

    it("keeps the cache where AKS_ROTATION_CACHE says, else in the user's cache folder", () => {
        assert.equal(cacheFolder({ AKS_ROTATION_CACHE: "/somewhere/else" }), "/somewhere/else");
        assert.match(cacheFolder({}), /aks-certificate-rotation/);
        assert.equal(cacheFolder({ AKS_ROTATION_CACHE: "" }), cacheFolder({}));
    });

    it("finds a SHA-256 alone, or by the name of its file", () => {
        const [a, b] = ["a".repeat(64), "B".repeat(64)];
        assert.equal(findSha256(`${a}\n`, "etcd.tar.gz"), a);
        assert.equal(findSha256(`${a}  other.tar.gz\n${b}  etcd.tar.gz\n`, "etcd.tar.gz"), b);
        assert.equal(findSha256(`${a} *etcd.tar.gz\r\n`, "etcd.tar.gz"), a);
        for (const text of ["", "<html>not found</html>", `${a}  other.tar.gz\n`, "abc  etcd.tar.gz\n"]) {
            assert.throws(() => findSha256(text, "etcd.tar.gz"), /name no SHA-256 for etcd\.tar\.gz/);
        }
    });
});
