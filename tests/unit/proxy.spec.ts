import assert from "node:assert/strict";
import { proxyFor } from "../../azure/proxy";

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

    it("is refused when its password has a bare %, without repeating it", () => {
        assert.equal(through("https://a.com", { HTTPS_PROXY: "http://user:pa%2555@proxy:3128" }), "proxy:3128");
        assert.throws(
            () => through("https://a.com", { HTTPS_PROXY: "http://user:100%pa55@proxy:3128" }),
            /^Error: HTTPS_PROXY has a % in its user or password that begins no escape: write it as %25\.$/,
        );
    });
});
