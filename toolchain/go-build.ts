import path from "node:path";
import { runChild } from "./child";
import { inWords } from "./duration";
import { findOnPath } from "./executable";
import { goPlatform } from "./platform";
import type { GoBuild } from "./recipe";
import type { Surroundings } from "./surroundings";

const REPORT_EVERY = 10_000;

/** Folder with the Go modules that pin what is built. */
const MODULES = path.join(__dirname, "go");

/** The `go build` command line that makes a tool. */
export function goBuildArguments(build: GoBuild, output: string): string[] {
    // -v names each package as it is compiled: the only sign of progress that go gives.
    return ["build", "-v", "-trimpath", "-ldflags", build.linkerFlags, "-o", output, build.package];
}

/**
 * The environment of that command: the caller's, for this platform and without C, with what could change the pinned
 * dependencies (GOFLAGS, a go.work above the module) set aside. GOTOOLCHAIN, GOPROXY and the caches stay the user's.
 */
export function goEnvironment({ environment, platform }: Surroundings): NodeJS.ProcessEnv {
    const { os, arch } = goPlatform(platform);
    return { ...environment, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off", GOOS: os, GOARCH: arch };
}

/**
 * Builds a tool with the `go` on PATH. Needs the Go module mirror, or a Go module cache that has been filled before.
 * Rejects with what go said if it fails.
 */
export async function goBuild(build: GoBuild, output: string, surroundings: Surroundings): Promise<void> {
    const { progress, signal } = surroundings;
    const go = await findOnPath("go", surroundings);
    if (go === undefined) {
        throw new Error("no go on PATH");
    }
    const start = Date.now();
    const news = new BuildNews();
    progress(`go build ${build.package}: about ${build.minutes} min on two cores, less if Go has built it before`);
    const report = setInterval(
        () => progress(`go build: ${news.summary()}, ${inWords(Date.now() - start)}`),
        REPORT_EVERY,
    );
    try {
        const result = await runChild(go, goBuildArguments(build, output), {
            // go looks for the module upwards from here, and writes nothing to it: it may be read-only.
            cwd: path.join(MODULES, build.module),
            environment: goEnvironment(surroundings),
            signal,
            onErrorLine: (line) => news.add(line),
        });
        if (result.exitCode !== 0) {
            throw new Error(`failed (${result.endedBy ?? `exit code ${result.exitCode}`}): ${news.complaint()}`);
        }
    } finally {
        clearInterval(report);
    }
    progress(`go build ${build.package}: done, ${news.summary()}, ${inWords(Date.now() - start)}`);
}

/** Makes sense of what `go build -v` prints: packages compiled, modules downloaded, and complaints. */
export class BuildNews {
    private packages = 0;
    private modules = 0;
    private readonly complaints: string[] = [];

    /** Takes one line of stderr. */
    add(line: string): void {
        if (line.startsWith("go: downloading ")) {
            this.modules += 1;
        } else if (/^[\w.~/+-]+$/.test(line)) {
            this.packages += 1;
        } else if (line.trim() !== "") {
            this.complaints.push(line.trim());
        }
    }

    /** How far it is, e.g. `downloaded 12 modules, compiled 812 packages`. */
    summary(): string {
        const compiled = this.packages === 0 ? "nothing new compiled" : `compiled ${this.packages} packages`;
        return this.modules === 0 ? compiled : `downloaded ${this.modules} modules, ${compiled}`;
    }

    /** What went wrong, in go's own words: its last lines, which are the ones that say it. */
    complaint(): string {
        return this.complaints.slice(-4).join("; ") || "go gave no reason";
    }
}
