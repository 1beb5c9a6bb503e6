import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { ThroughCommand } from "../../rotator/through-command";
import { CheckFailed } from "../../rotator/verification";
import { clusterFixture, question, rotated, signal } from "../support/cluster-fixture";

const _entraId = { aadProfile: { managed: true } };
const _isPrivate = { apiServerAccessProfile: { enablePrivateCluster: true } };

describe("what a command in a cluster has shown", () => {
    let both: { before: Kubeconfig; now: Kubeconfig };
    before(async () => {
        await using fixture = await clusterFixture();
        both = await rotated(fixture);
    });

    const mark = "@@ aks-certificate-rotation";
    // Go's own words, of crypto/x509.
    const x509 = "tls: failed to verify certificate: x509: ";
    const unknown = `${x509}certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "ca")`;
    const limit = "current time 2026-11-27T20:37:34Z is";
    const expired = `${x509}certificate has expired or is not yet valid: ${limit} after 2026-11-26T20:37:34Z`;
    const young = `${x509}certificate has expired or is not yet valid: ${limit} before 2026-11-28T20:37:34Z`;
    const unknownForAge = `${x509}certificate signed by unknown authority (possibly because of "x509: certificate has expired or is not yet valid: ${limit} after 2026-11-26T20:37:34Z" while trying to verify candidate authority certificate "ca")`;

    type Answers = Record<string, [number, string]>;
    const eight = (name: string, answer: [number, string]): Answers =>
        Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${name}.${i + 1}`, answer]));
    const logsOf = (answers: Answers, end = `${mark} end\n`) =>
        `noise\n${Object.entries(answers)
            .map(([name, [code, text]]) => `${mark} ${name} ${code}\n${text}\n`)
            .join("")}${end}`;
    const through = (logs: string) =>
        new ThroughCommand({ runCommand: async () => ({ exitCode: 0, logs }) }, async () => "");

    /** What is made of answers, each as exit code and text. */
    function judge(own: Answers, rotated = true, end = `${mark} end\n`) {
        const all: Answers = {
            "now.1": [0, "{}"],
            ...eight("before", [1, unknown]),
            clientCa: [0, both.now.caCertificate],
            ...own,
        };
        return through(logsOf(all, end)).verify({ ...question(both), rotated }, signal());
    }

    it("is a success where only the new CA is one of the server, and of its clients", async () => {
        const { verified, notVerified } = await judge({});
        assert.equal(verified.length, 6);
        assert.deepEqual(notVerified, []);
        const refusals = [
            "error: You must be logged in to the server (Unauthorized)",
            'E1124 memcache.go:265] "Unhandled Error"\nError from server (Forbidden): forbidden: cannot get path "/version"',
        ];
        for (const refusal of refusals) {
            assert.deepEqual((await judge({ "now.1": [1, refusal] })).verified, verified);
        }
    });

    const failures: [what: string, own: Record<string, [number, string]>, words: RegExp][] = [
        [
            "the new CA is not the server's",
            { "now.1": [1, unknown] },
            /the cluster CA does not verify .*unknown authority/,
        ],
        ["the server's certificate has expired", { "now.1": [1, expired] }, /the cluster CA does not verify .*expired/],
        ["the old CA still is", { "before.1": [0, "{}"] }, /still has a certificate that the old CA verifies/],
        [
            "the old CA still is, but has expired",
            { "before.1": [1, expired] },
            /still has a certificate that the old CA verifies/,
        ],
    ];
    for (const [what, own, words] of failures) {
        it(`is a failure where ${what}`, async () => {
            await assert.rejects(judge(own), (error) => error instanceof CheckFailed && words.test(error.message));
        });
    }

    it("is a failure where the server's clients have another CA than the new certificate", async () => {
        await assert.rejects(
            judge({ clientCa: [0, both.before.caCertificate] }),
            /does not accept client certificates of the CA that signed the new one/,
        );
    });

    it("does not take an old client certificate for refused whose CA the server still has", async () => {
        const both1 = `${both.now.caCertificate}\n${both.before.caCertificate}`;
        const { verified, notVerified } = await judge({ clientCa: [0, both1] });
        assert.ok(!verified.includes("oldClientCertificateRefused"));
        assert.deepEqual(
            notVerified.map(({ check }) => check),
            ["oldClientCertificateRefused"],
        );
    });

    it("sends no token of Microsoft Entra ID unless AKS asks for it", async () => {
        const refusal = new RestError("Busy.", { statusCode: 503, code: "ServiceUnavailable" });
        const runCommand = () => Promise.reject(refusal);
        const busy = new ThroughCommand({ runCommand }, () => assert.fail("no token is needed"));
        await assert.rejects(busy.verify(question(both), signal()), refusal);
    });

    it("is told as not verified where credentials that are adopted have expired", async () => {
        const { verified, notVerified } = await judge({ "now.1": [1, expired] }, false);
        assert.deepEqual(verified, []);
        assert.match(notVerified[0]?.reason ?? "", /has expired/);
    });

    it("is a failure where one connection in eight, whichever it is, still finds the old CA", async () => {
        for (const name of Object.keys(eight("before", [0, ""]))) {
            for (const stale of [[0, "{}"] as const, [1, expired] as const, [1, unknownForAge] as const]) {
                await assert.rejects(
                    judge({ [name]: [...stale] }),
                    (error) =>
                        error instanceof CheckFailed && /certificate that the old CA verifies/.test(error.message),
                    `${name}: ${stale[1]}`,
                );
            }
        }
    });

    it("is nothing where one of the eight connections has no answer", async () => {
        const answers: Answers = { "now.1": [0, "{}"], ...eight("before", [1, unknown]), clientCa: [0, "x"] };
        delete answers["before.8"];
        await assert.rejects(
            through(logsOf(answers)).verify(question(both), signal()),
            (error: Error) => !(error instanceof CheckFailed) && /gave no whole answer/.test(error.message),
        );
    });

    it("is a failure where credentials that are adopted are not valid yet: that is not an expiry", async () => {
        await assert.rejects(judge({ "now.1": [1, young] }, false), (error) => error instanceof CheckFailed);
    });

    describe("of the CA that has signed the server's certificate", () => {
        const probe = (own: Answers, intent = true) =>
            through(logsOf({ "now.1": [0, "{}"], ...eight("intent", [0, "{}"]), ...own })).probeServerCa(
                both.now,
                intent ? both.before.ca : undefined,
                { connections: 8, overMs: 2000 },
                signal(),
            );

        it("is a change where one connection in eight finds a CA that is not the intent's", async () => {
            assert.deepEqual(await probe({}), { credentials: "match", intent: "match" });
            for (const name of Object.keys(eight("intent", [0, ""]))) {
                const shown = await probe({ [name]: [1, unknown] });
                assert.deepEqual(shown, { credentials: "match", intent: "mismatch" }, name);
            }
            const noAnswer: [number, string] = [1, "Unable to connect to the server: EOF"];
            const shown = await probe({ "intent.1": noAnswer, "intent.2": [1, unknown] });
            assert.equal(shown.intent, "mismatch", "a proof is one, whatever the other connections came to");
        });

        it("is no answer where a connection has none, and none proves a change", async () => {
            for (const text of [
                "Unable to connect to the server: EOF",
                "Unable to connect to the server: Forbidden",
                `${x509}certificate is valid for a.example, not b.example`,
                young,
            ]) {
                await assert.rejects(probe({ "intent.5": [1, text] }), Error, text);
                await assert.rejects(probe({ "now.1": [1, text] }, false), Error, text);
            }
        });

        it("is unchanged where the server's certificate has expired: a rotation makes a new one", async () => {
            const all = { "now.1": [1, expired] as [number, string], ...eight("intent", [1, expired]) };
            assert.deepEqual(await probe(all), { credentials: "match", intent: "match" });
        });

        it("is not compared with an intent that has no certificate", async () => {
            const run = through(logsOf({ "now.1": [0, "{}"] }));
            const shown = await run.probeServerCa(both.now, [], { connections: 8, overMs: 2000 }, signal());
            assert.deepEqual(shown, { credentials: "match", intent: undefined });
        });
    });

    it("is nothing where there is no answer that tells", async () => {
        const silent: [Record<string, [number, string]>, string][] = [
            [{ "now.1": [1, "Unable to connect to the server: dial tcp: i/o timeout"] }, `${mark} end\n`],
            [{ "before.1": [1, "Unable to connect to the server: EOF"] }, `${mark} end\n`],
            // A proxy's page can hold any words, those of an API server too.
            [
                { "now.1": [1, "Unable to connect to the server: Bad Gateway\nError from server (Forbidden): no"] },
                `${mark} end\n`,
            ],
            // Go's words where a proxy refuses CONNECT: nothing has come through TLS.
            [{ "now.1": [1, "Unable to connect to the server: Forbidden"] }, `${mark} end\n`],
            [{ "before.1": [1, "Unable to connect to the server: Unauthorized"] }, `${mark} end\n`],
            [{}, ""],
        ];
        for (const [own, end] of silent) {
            await assert.rejects(judge(own, true, end), (error) => !(error instanceof CheckFailed));
        }
    });
});
