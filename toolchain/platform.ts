/** An operating system and processor, in Node.js's words. */
export interface Platform {
    os: NodeJS.Platform;
    arch: NodeJS.Architecture;
}

const GOOS: Partial<Record<NodeJS.Platform, string>> = { win32: "windows" };
const GOARCH: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/**
 * The platform in the words of Go, which Kubernetes and etcd name their releases by, e.g. `{os: "linux", arch: "amd64"}`.
 * Words that both share (`linux`, `darwin`, `arm64`, `s390x`) pass through.
 */
export function goPlatform(platform: Platform): { os: string; arch: string } {
    return { os: GOOS[platform.os] ?? platform.os, arch: GOARCH[platform.arch] ?? platform.arch };
}
