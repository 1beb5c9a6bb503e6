import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { certificatesIn, fingerprintsOf } from "../../formats/certificate";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { Authority, type Identity } from "../../rehearsal/local-aks/certificates";
import { Clock } from "../../rehearsal/local-aks/clock";

/** What a fake API server answers to one request. */
export interface FakeAnswer {
    status: number;
    body?: unknown;
    /** In place of `body`. */
    text?: string;
}

/** One request that a fake API server got. */
export interface FakeRequest {
    path: string;
    /** The header Authorization. */
    token: string | undefined;
    /** Common name of the client certificate. */
    client: string | undefined;
}

/** A CA named as AKS names each of its. */
export function authority(validSeconds = 3600): Promise<Authority> {
    return Authority.create({ commonName: "ca", validSeconds }, new Clock());
}

/** A certificate for an API server on this machine. */
export function serverIdentity(ca: Authority, validSeconds = 3600, name = "127.0.0.1"): Promise<Identity> {
    const names = [name === "127.0.0.1" ? { type: "ip" as const, value: name } : { type: "dns" as const, value: name }];
    return ca.issue({ commonName: "apiserver", validSeconds, names }, "server");
}

/** What an API server of Kubernetes 1.28 or later says to a user that it knows. */
export const KNOWN_USER: FakeAnswer = {
    status: 201,
    body: { kind: "SelfSubjectReview", status: { userInfo: { username: "somebody" } } },
};

/** Starts a server that answers each request as a test says. */
export async function startFakeApiServer(identity: Identity, answer: (request: FakeRequest) => FakeAnswer) {
    const requests: FakeRequest[] = [];
    const server = createServer(
        { cert: identity.certificate, key: identity.key, requestCert: true, rejectUnauthorized: false },
        (message: IncomingMessage, response) => {
            const request = {
                path: message.url ?? "",
                token: message.headers.authorization,
                client: (message.socket as TLSSocket).getPeerX509Certificate()?.subject,
            };
            requests.push(request);
            message.resume();
            const { status, body = {}, text = JSON.stringify(body) } = answer(request);
            response.writeHead(status).end(text);
        },
    );
    let connections = 0;
    server.on("connection", () => connections++);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
        requests,
        /** How many connections there were. */
        connections: () => connections,
        /** Replaces its certificate: new connections meet another replica. */
        use: ({ certificate, key }: Identity) => server.setSecureContext({ cert: certificate, key }),
        [Symbol.dispose]: () => {
            server.close();
        },
    };
}

/** A kubeconfig for a server, with a CA bundle and a user of one's own. */
export function kubeconfigOf(
    url: string,
    bundle: readonly string[],
    user: Pick<Kubeconfig, "client" | "token" | "signIn" | "serverName"> = { token: "t" },
): Kubeconfig {
    const caCertificate = bundle.join("\n");
    const ca = certificatesIn(caCertificate);
    return { server: url, caCertificate, ca, caFingerprints: fingerprintsOf(ca), ...user };
}
