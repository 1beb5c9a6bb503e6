import assert from "node:assert/strict";
import type { webcrypto } from "node:crypto";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import "reflect-metadata";
import {
    BasicConstraintsExtension,
    SubjectAlternativeNameExtension,
    type X509Certificate,
    X509CertificateGenerator,
} from "@peculiar/x509";
import { Connection, StatusError, UnreachableError } from "../../rehearsal/plugins/kubernetes/connection";
import type { Cluster } from "../../rehearsal/plugins/kubernetes/kubeconfig";
import recorded from "../conformance/kubernetes-4.32.0-ConfigMap.json";
import { startConnectProxy } from "../support/connect-proxy";

const rsa = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
};
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

interface Authority {
    certificate: X509Certificate;
    keys: webcrypto.CryptoKeyPair;
}

async function authority(algorithm: typeof rsa | typeof ecdsa, name = "CN=ca"): Promise<Authority> {
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned({
        name,
        keys,
        signingAlgorithm: algorithm,
        extensions: [new BasicConstraintsExtension(true)],
    });
    return { certificate, keys };
}

/** A server that `issuer` vouches for, as 127.0.0.1 unless said otherwise. */
async function serve(
    issuer: Authority,
    listener: RequestListener,
    options: { name?: { type: "ip" | "dns"; value: string }; expired?: boolean } = {},
): Promise<Server> {
    const algorithm = issuer.keys.privateKey.algorithm.name === "ECDSA" ? ecdsa : rsa;
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.create({
        subject: "CN=kube-apiserver",
        issuer: issuer.certificate.subject,
        publicKey: keys.publicKey,
        signingKey: issuer.keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: new Date(Date.now() - 7200_000),
        notAfter: new Date(Date.now() + (options.expired ? -3600_000 : 3600_000)),
        extensions: [new SubjectAlternativeNameExtension([options.name ?? { type: "ip", value: "127.0.0.1" }])],
    });
    const key = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    const pem = `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`;
    const server = createServer({ cert: certificate.toString("pem"), key: pem }, listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
}

function urlOf(server: Server): string {
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(server: Server, trusted: Authority, more: Cluster = {}): Connection {
    const ca = Buffer.from(trusted.certificate.toString("pem")).toString("base64");
    const cluster = { server: urlOf(server), "certificate-authority-data": ca, ...more };
    return new Connection({ cluster, user: { token: "t" }, namespace: "default" });
}

async function unreachable(connection: Connection): Promise<string> {
    try {
        await connection.send({ method: "GET", path: "/api" });
    } catch (error) {
        assert.ok(error instanceof UnreachableError, String(error));
        return error.message;
    }
    assert.fail("it was reached");
}

describe("kubernetes stand-in: connection", () => {
    const servers: Server[] = [];
    let first: Authority;

    async function started(...args: Parameters<typeof serve>): Promise<Server> {
        const server = await serve(...args);
        servers.push(server);
        return server;
    }

    before(async () => {
        first = await authority(rsa);
    });
    afterEach(() => {
        for (const server of servers.splice(0)) {
            server.closeAllConnections();
            server.close();
        }
    });

    it("says of a replaced CA what the official plugin was recorded to say", async () => {
        const server = await started(await authority(rsa), () => {});
        const { answer } = recorded.cases.find(({ method, answer }) => method === "Create" && "error" in answer) ?? {};
        assert.ok(answer && "error" in answer);
        const message = await unreachable(connect(server, first));
        const here = answer.error?.replaceAll("https://127.0.0.1:16443", urlOf(server));
        assert.equal(`configured Kubernetes cluster is unreachable: ${message}`, here);
    });

    it("leaves out the candidate where the CA has another name", async () => {
        const server = await started(await authority(ecdsa, "CN=other"), () => {});
        assert.match(await unreachable(connect(server, first)), /certificate signed by unknown authority$/);
    });

    it("tells an expired certificate and a wrong name from that", async () => {
        const expired = await started(first, () => {}, { expired: true });
        assert.match(await unreachable(connect(expired, first)), /x509: certificate has expired or is not yet valid/);
        const other = await started(first, () => {}, { name: { type: "dns", value: "elsewhere" } });
        assert.match(await unreachable(connect(other, first)), /x509: certificate is not valid for 127\.0\.0\.1/);
    });

    it("says that nobody listens, or that the credentials are refused", async () => {
        const server = await started(first, (_, response) => response.writeHead(401).end("{}"));
        assert.match(
            await unreachable(connect(server, first)),
            /the server has asked for the client to provide credentials/,
        );
        const connection = connect(server, first);
        server.close();
        await once(server, "close");
        assert.match(await unreachable(connection), /dial tcp 127\.0\.0\.1:\d+: connect: connection refused/);
    });

    it("goes through the kubeconfig's proxy-url, and trusts the kubeconfig's CA alone there too", async () => {
        await using proxy = await startConnectProxy("user:pa55");
        const server = await started(first, (_, response) => response.end('{"kind": "APIVersions"}'));
        // A name that the proxy alone can resolve.
        const url = urlOf(server).replace("127.0.0.1", "api.test");
        const through = { server: url, "tls-server-name": "127.0.0.1", "proxy-url": proxy.url };
        assert.deepEqual(await connect(server, first, through).send({ method: "GET", path: "/api" }), {
            kind: "APIVersions",
        });
        assert.deepEqual(proxy.targets, [new URL(url).host]);
        const stranger = connect(server, await authority(ecdsa, "CN=other"), through);
        assert.match(await unreachable(stranger), /certificate signed by unknown authority/);
        await unreachable(connect(server, first, { "proxy-url": "socks5://127.0.0.1:1080" }));
    });

    it("passes on the API server's own words", async () => {
        const body = { kind: "Status", message: 'configmaps "a" already exists', reason: "AlreadyExists" };
        const server = await started(first, (_, response) => response.writeHead(409).end(JSON.stringify(body)));
        await assert.rejects(connect(server, first).send({ method: "POST", path: "/x", body: {} }), (error) => {
            assert.ok(error instanceof StatusError);
            assert.deepEqual([error.code, error.reason, error.message], [409, "AlreadyExists", body.message]);
            return true;
        });
    });

    it("tries again where a kept connection was closed meanwhile", async () => {
        let requests = 0;
        const server = await started(first, (request, response) => {
            requests += 1;
            if (requests === 2) {
                request.socket.destroy();
            } else {
                response.end(JSON.stringify({ authorization: request.headers.authorization }));
            }
        });
        const connection = connect(server, first);
        await connection.send({ method: "GET", path: "/a" });
        assert.deepEqual(await connection.send({ method: "GET", path: "/b" }), { authorization: "Bearer t" });
        assert.equal(requests, 3);
    });
});
