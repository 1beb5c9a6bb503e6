import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { parse } from "yaml";
import { readUserKubeconfig } from "../../cli/check-kubeconfig";
import { readDocument } from "../../cli/kubeconfig-document";
import { aksServerId, clientCertificate, parseKubeconfig } from "../../formats/kubeconfig";
import { AKS_LIFETIMES, type ClusterSecrets, createClusterSecrets } from "../../rehearsal/local-aks/cluster-secrets";
import { kubeconfig } from "../../rehearsal/local-aks/kubeconfig";

describe("a kubeconfig", () => {
    let secrets: ClusterSecrets;
    let text: string;

    before(async () => {
        secrets = await createClusterSecrets(AKS_LIFETIMES);
        const server = "https://127.0.0.1:6443";
        text = kubeconfig({ resourceGroup: "g", clusterName: "blue", server, secrets, role: "user" });
    });

    it("tells server, CA and user of its current context", () => {
        const read = parseKubeconfig(text);
        assert.equal(read.server, "https://127.0.0.1:6443");
        assert.equal(read.ca.length, 1);
        assert.match(read.caFingerprints[0] ?? "", /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
        assert.equal(read.client?.key, secrets.client.key);
        assert.match(clientCertificate(read)?.subject ?? "", /masterclient/);
        assert.equal(read.signIn, undefined);
    });

    it("is read by its current context, and a client certificate needs its key", () => {
        const other = { name: "other", context: { cluster: "other", user: "other" } };
        const cluster = { name: "other", cluster: { server: "https://other.example" } };
        const config = parse(text);
        config.contexts.unshift(other);
        config.clusters.unshift(cluster);
        config.users.unshift({ name: "other", user: { token: "other" } });
        assert.equal(parseKubeconfig(JSON.stringify(config)).server, "https://127.0.0.1:6443");
        config["current-context"] = "none";
        assert.throws(() => parseKubeconfig(JSON.stringify(config)), /no context named "none"/);
        const withoutKey = parseKubeconfig(text.replace(/client-key-data: \S+/, ""));
        assert.equal(withoutKey.client, undefined);
    });

    it("of an auth-provider names the application that its config names", () => {
        const config = parse(text);
        const signInOf = (settings?: object) => {
            config.users[0].user = { "auth-provider": { name: "azure", config: settings } };
            return parseKubeconfig(JSON.stringify(config)).signIn?.serverId;
        };
        assert.equal(signInOf({ "apiserver-id": "own" }), "own");
        assert.equal(signInOf(), aksServerId);
    });

    it("may have a CA of several certificates, in any order", () => {
        const bundle = (...parts: string[]) =>
            text.replace(
                /certificate-authority-data: \S+/,
                `certificate-authority-data: ${Buffer.from(parts.join("\n")).toString("base64")}`,
            );
        const [one, other] = [secrets.ca.certificate, secrets.server.certificate];
        const read = parseKubeconfig(bundle(one, other));
        assert.equal(read.caFingerprints.length, 2);
        assert.deepEqual(parseKubeconfig(bundle(other, one)).caFingerprints, read.caFingerprints);
    });

    it("without a CA is refused, with what that means", () => {
        const without = text.replace(/certificate-authority-data: \S+/, "insecure-skip-tls-verify: true");
        const unreadable = text.replace(/certificate-authority-data: \S+/, "certificate-authority-data: bm9uZQ==");
        for (const bad of [without, unreadable]) {
            assert.throws(
                () => parseKubeconfig(bad),
                /"blue" has no certificate authority .* a rotation could not be told/,
            );
        }
    });

    it("that has what the YAML library warns of is read without a warning, since that would repeat its contents", async () => {
        const warnings: Error[] = [];
        const listen = (warning: Error) => warnings.push(warning);
        process.on("warning", listen);
        try {
            const odd = `${text}\nextra: !unknown s3cret\n? { token: s3cret }\n: 1\n`;
            assert.equal(parseKubeconfig(odd).server, "https://127.0.0.1:6443");
            readUserKubeconfig(odd);
            readDocument(odd, "it").toJS();
            await setImmediate();
        } finally {
            process.removeListener("warning", listen);
        }
        assert.deepEqual(warnings, []);
    });

    it("that cannot be read is refused without repeating its contents", () => {
        for (const bad of [`${text}\n\t- : [`, "clusters: []", "42", ""]) {
            assert.throws(
                () => parseKubeconfig(bad),
                (error: Error) =>
                    /kubeconfig that AKS gave (is not YAML|cannot be read)/.test(error.message) &&
                    !error.message.includes(secrets.token),
            );
        }
    });
});
