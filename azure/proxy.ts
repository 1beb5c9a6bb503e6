import { BlockList, isIP } from "node:net";

type Environment = Record<string, string | undefined>;

/** Azure's instance metadata service: it can be reached only from the machine itself, never through a proxy. */
const metadataService = "169.254.169.254";

/**
 * The proxy that a request goes through; undefined where it goes straight. The rules are those of Go's `net/http`, since
 * azure-native and kubectl follow them: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, upper or lower case; never for
 * localhost and loopback addresses; `NO_PROXY` has addresses, CIDR ranges, names (which stand for all under them too),
 * names that begin with a dot (for those under them alone), each with a port or without, or `*` for everything. `ALL_PROXY`
 * is not read, as by Go.
 *
 * @throws Error when the variable is no URL of an HTTP proxy
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
    const secure = url.protocol === "https:";
    const [variable, value] = either(env, secure ? "HTTPS_PROXY" : "HTTP_PROXY");
    const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
    const port = url.port || (secure ? "443" : "80");
    if (!value || isLocal(host) || isExempt(host, port, either(env, "NO_PROXY")[1] ?? "")) {
        return undefined;
    }
    return parseProxy(/^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`, variable);
}

/**
 * Reads the URL of a proxy.
 *
 * @param what where it is given, for an error, such as "HTTPS_PROXY"
 * @throws Error that says what is supported; it does not repeat the URL, which can have a password in it
 */
export function parseProxy(text: string, what: string): URL {
    const scheme = /^([a-z][a-z\d+.-]*:)\/\//i.exec(text)?.[1]?.toLowerCase();
    if (scheme?.startsWith("socks")) {
        throw new Error(
            `${what} is a SOCKS proxy (${scheme}//), which is not supported here: it must be an HTTP proxy with ` +
                "http:// or https://, such as http://proxy:3128.",
        );
    }
    if (scheme === undefined || !URL.canParse(text)) {
        throw new Error(`${what} is no URL, but must be one, such as http://proxy:3128.`);
    }
    if (scheme !== "http:" && scheme !== "https:") {
        throw new Error(`${what} begins with ${scheme}//, but must begin with http:// or https://.`);
    }
    const parsed = new URL(text);
    if (!isDecodable(parsed.username) || !isDecodable(parsed.password)) {
        throw new Error(`${what} has a % in its user or password that begins no escape: write it as %25.`);
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

/** A variable that can be written in upper or lower case: the name under which it is set, and its value. */
function either(env: Environment, name: string): [name: string, value: string | undefined] {
    const used = !env[name] && env[name.toLowerCase()] ? name.toLowerCase() : name;
    return [used, env[used] || undefined];
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
