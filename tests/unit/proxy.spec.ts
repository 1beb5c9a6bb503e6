import assert from "node:assert/strict";
import { parseProxy, proxyFor } from "../../azure/proxy";
import { run } from "../../cli/run";

/** Where a request goes through, with these variables. */
const through = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.host;

describe("the proxy of a request", () => {
    const proxy = "http://proxy:3128";

    it("is that of its scheme, upper or lower case, with http:// or without", () => {
        assert.equal(through("https://a.com", { HTTPS_PROXY: proxy }), "proxy:3128");
        assert.equal(through("https://a.com", { https_proxy: proxy }), "proxy:3128");
        assert.equal(through("https://a.com", { HTTPS_PROXY: "proxy:3128" }), "proxy:3128");
        assert.equal(through("https://a.com", { HTTP_PROXY: proxy }), undefined);
        assert.equal(through("http://a.com", { HTTPS_PROXY: proxy }), undefined);
        assert.equal(through("http://a.com", { HTTP_PROXY: proxy }), "proxy:3128");
        assert.equal(through("https://a.com", {}), undefined);
    });

    const never = [
        "https://localhost:1",
        "https://127.0.0.1",
        "https://127.9.9.9",
        "https://[::1]:1",
        "http://169.254.169.254",
    ];
    for (const url of never) {
        it(`is none for ${url}`, () => {
            assert.equal(through(url, { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }), undefined);
        });
    }

    const cases: [url: string, noProxy: string, isExempt: boolean][] = [
        ["https://example.com", "example.com", true],
        ["https://example.com", "EXAMPLE.com , other.com", true],
        ["https://a.example.com", "example.com", true],
        ["https://badexample.com", "example.com", false],
        ["https://example.com", ".example.com", false],
        ["https://a.example.com", ".example.com", true],
        ["https://a.example.com", "*.example.com", true],
        ["https://a.example.com", "*", true],
        ["https://example.com", "example.com:443", true],
        ["https://example.com:8443", "example.com:443", false],
        ["https://10.1.2.3", "10.1.2.3", true],
        ["https://10.1.2.3", "10.1.2.33", false],
        ["https://10.1.2.3", "10.0.0.0/8", true],
        ["https://11.1.2.3", "10.0.0.0/8", false],
        ["https://10.1.2.3", "10.0.0.0/99", false],
        ["https://10.1.2.3:6443", "10.1.2.3:6443", true],
        ["https://[2001:db8::1]", "2001:db8::/32", true],
        ["https://[2001:db8::1]", "2001:db8::1", true],
        ["https://[2001:db8::1]:8443", "[2001:db8::1]:443", false],
        ["https://example.com", "10.0.0.0/8,,", false],
    ];
    for (const [url, noProxy, isExempt] of cases) {
        it(`is ${isExempt ? "none" : "used"} for ${url} with NO_PROXY ${noProxy}`, () => {
            assert.equal(through(url, { HTTPS_PROXY: proxy, NO_PROXY: noProxy }), isExempt ? undefined : "proxy:3128");
        });
    }

    it("is refused when it is no URL, without repeating it", () => {
        assert.throws(
            () => through("https://a.com", { HTTPS_PROXY: "http://user:pa55@:x" }),
            /^Error: HTTPS_PROXY is no URL, but must be one, such as http:\/\/proxy:3128\.$/,
        );
    });

    it("is refused when it is no HTTP proxy, with the variable that names it and what is supported, without repeating it", () => {
        const socks = (variable: string, scheme: string) =>
            `${variable} is a SOCKS proxy (${scheme}//), which is not supported here: it must be an HTTP proxy with ` +
            "http:// or https://, such as http://proxy:3128.";
        const cases: [env: Record<string, string>, url: string, says: string][] = [
            [{ HTTPS_PROXY: "socks5://user:pa55@proxy:1080" }, "https://a.com", socks("HTTPS_PROXY", "socks5:")],
            [{ https_proxy: "SOCKS5H://proxy:1080" }, "https://a.com", socks("https_proxy", "socks5h:")],
            [{ HTTP_PROXY: "socks4://proxy" }, "http://a.com", socks("HTTP_PROXY", "socks4:")],
            [{ HTTPS_PROXY: "socks://proxy" }, "https://a.com", socks("HTTPS_PROXY", "socks:")],
            [
                { https_proxy: "ftp://user:pa55@proxy" },
                "https://a.com",
                "https_proxy begins with ftp://, but must begin with http:// or https://.",
            ],
        ];
        for (const [env, url, message] of cases) {
            assert.throws(() => through(url, env), { message });
            assert.equal(through(url, { ...env, NO_PROXY: "a.com" }), undefined);
            assert.equal(through("https://localhost", env), undefined);
        }
    });

    it("is not that of ALL_PROXY, which Go does not read", () => {
        assert.equal(through("https://a.com", { ALL_PROXY: proxy, all_proxy: "socks5://proxy:1080" }), undefined);
    });

    it("has to have its scheme where a kubeconfig names it", () => {
        assert.equal(parseProxy("http://proxy:3128", "proxy-url").host, "proxy:3128");
        for (const text of ["proxy:3128", "", "//proxy", "http://:x"]) {
            assert.throws(() => parseProxy(text, "proxy-url"), /^Error: proxy-url is no URL/, text);
        }
        assert.throws(() => parseProxy("socks5://proxy:1080", "proxy-url"), /^Error: proxy-url is a SOCKS proxy/);
    });

    it("is refused when its password has a bare %, without repeating it", () => {
        assert.equal(through("https://a.com", { HTTPS_PROXY: "http://user:pa%2555@proxy:3128" }), "proxy:3128");
        assert.throws(
            () => through("https://a.com", { HTTPS_PROXY: "http://user:100%pa55@proxy:3128" }),
            /^Error: HTTPS_PROXY has a % in its user or password that begins no escape: write it as %25\.$/,
        );
    });

    it("is refused before anything else, in the same words, by every command", async () => {
        const env = {
            ARM_CLIENT_ID: "c",
            ARM_CLIENT_SECRET: "s",
            ARM_TENANT_ID: "t",
            ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000000",
            HTTPS_PROXY: "socks5://user:pa55@127.0.0.1:1080",
        };
        for (const [command, expected] of [
            ["status", 3],
            ["doctor", 2],
            ["get-credentials", 1],
        ] as const) {
            let written = "";
            const write = (text: string) => {
                written += text;
            };
            const io = { env, out: write, err: write, isTerminal: false, stdin: async () => "", now: Date.now };
            const code = await run([command, "-g", "shop", "-n", "prod"], io);
            assert.equal(code, expected, command);
            assert.match(
                written.replace(/\s+/g, " "),
                /HTTPS_PROXY is a SOCKS proxy \(socks5:\/\/\), which is not supported/,
            );
            assert.doesNotMatch(written, /pa55|network_error|ARM_CLIENT_SECRET/);
        }
    });
});
