import { BlockList, isIP } from "node:net";

type Environment = Record<string, string | undefined>;

/** Azure's instance metadata service: it can be reached only from the machine itself, never through a proxy. */
const metadataService = "169.254.169.254";

/**
 * The proxy that a request goes through; undefined where it goes straight. The rules are those of Go's `net/http`, since
 * azure-native and kubectl follow them: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, upper or lower case; never for
 * localhost and loopback addresses; `NO_PROXY` has addresses, CIDR ranges, names (which stand for all under them too),
 * names that begin with a dot (for those under them alone), each with a port or without, or `*` for everything.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
    const secure = url.protocol === "https:";
    const proxy = secure ? either(env, "HTTPS_PROXY") : either(env, "HTTP_PROXY");
    const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
    const port = url.port || (secure ? "443" : "80");
    if (!proxy || isLocal(host) || isExempt(host, port, either(env, "NO_PROXY") ?? "")) {
        return undefined;
    }
    const text = /^[a-z][a-z\d+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
    if (!URL.canParse(text)) {
        throw new Error(
            `${secure ? "HTTPS_PROXY" : "HTTP_PROXY"} is no URL, but must be one, such as http://proxy:3128.`,
        );
    }
    const parsed = new URL(text);
    if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
        throw new Error(
            `${secure ? "HTTPS_PROXY" : "HTTP_PROXY"} begins with ${parsed.protocol}//, but must begin with http:// or https://.`,
        );
    }
    if (!isDecodable(parsed.username) || !isDecodable(parsed.password)) {
        throw new Error(
            `${secure ? "HTTPS_PROXY" : "HTTP_PROXY"} has a % in its user or password that begins no escape: write it as %25.`,
        );
    }
    return parsed;
}

function isDecodable(text: string): boolean {
    try {
        decodeURIComponent(text);
        return true;
    } catch {
        return false;
    }
}

function either(env: Environment, name: string): string | undefined {
    return env[name] || env[name.toLowerCase()] || undefined;
}

function isLocal(host: string): boolean {
    return host === "localhost" || host === "::1" || host === metadataService || /^127(\.\d+){3}$/.test(host);
}

function isExempt(host: string, port: string, list: string): boolean {
    return list
        .toLowerCase()
        .split(",")
        .map((entry) => entry.trim())
        .filter(Boolean)
        .some((entry) => entry === "*" || matches(host, port, entry));
}

function matches(host: string, port: string, entry: string): boolean {
    const [, network = "", bits = ""] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
    if (isIP(network)) {
        return inRange(host, network, Number(bits));
    }
    const [, bracketed, plain = "", wantedPort] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [
        null,
        null,
        entry,
    ];
    if (wantedPort !== undefined && wantedPort !== port) {
        return false;
    }
    const wanted = bracketed ?? plain;
    if (isIP(wanted) || isIP(host)) {
        return wanted === host;
    }
    const suffix = wanted.replace(/^\*/, "");
    return suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function inRange(host: string, network: string, bits: number): boolean {
    const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
    if (isIP(host) !== isIP(network) || bits > (isIP(network) === 6 ? 128 : 32)) {
        return false;
    }
    const range = new BlockList();
    range.addSubnet(network, bits, family(network));
    return range.check(host, family(host));
}
