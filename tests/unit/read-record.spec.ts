import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Clusters } from "../../azure/clusters";
import { connections } from "../../azure/connections";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { Authority } from "../../rehearsal/local-aks/certificates";
import { Clock } from "../../rehearsal/local-aks/clock";
import { readClusterRecord } from "../../rotator/cluster-record";

const record = {
    record: 1,
    generation: 4,
    outcome: "adopted",
    clusterId: "id",
    resourceUID: "uid",
    started: null,
    finished: "2026-11-20T10:30:00.000Z",
    durationSeconds: null,
    caBefore: [],
    caAfter: [],
    outage: null,
    apiServerCertificate: null,
    verified: [],
    notVerified: [],
};

type Answers = (path: string, headers: NodeJS.Dict<string | string[]>) => [status: number, body: object];

/** A server that stands in for what the local AKS has not: objects in a light cluster, and lists of several pages. */
async function serve(answers: Answers): Promise<{ server: Server; url: string; ca: string }> {
    const year = 365 * 86_400;
    const authority = await Authority.create({ commonName: "ca", validSeconds: year }, new Clock());
    const names = [{ type: "ip" as const, value: "127.0.0.1" }];
    const { certificate, key } = await authority.issue({ commonName: "s", names, validSeconds: year }, "server");
    const server = createServer({ cert: certificate, key }, (request, response) => {
        const [status, body] = answers(request.url ?? "", request.headers);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { server, url, ca: authority.identity.certificate };
}

describe("the record in a cluster", () => {
    let answer: ReturnType<Answers> = [404, {}];
    let asked: Parameters<Answers>[] = [];
    let serving: Awaited<ReturnType<typeof serve>>;

    before(async () => {
        serving = await serve((...question) => {
            asked.push(question);
            return answer;
        });
    });
    after(() => serving.server.close());
    const read = () =>
        readClusterRecord(
            { server: serving.url, caCertificate: serving.ca } as Kubeconfig,
            { token: "t" },
            "ops",
            AbortSignal.timeout(5_000),
        );

    it("is read with the caller's credentials", async () => {
        asked = [];
        answer = [200, { kind: "ConfigMap", data: { "record.json": JSON.stringify(record) } }];
        assert.deepEqual(await read(), { record, stack: undefined });
        const [[path, headers] = ["", {}]] = asked;
        assert.equal(path, "/api/v1/namespaces/ops/configmaps/aks-certificate-rotation");
        assert.equal(headers.authorization, "Bearer t");
        const data = { "record.json": JSON.stringify(record), stack: "platform/production" };
        answer = [200, { kind: "ConfigMap", data }];
        assert.equal((await read()).stack, "platform/production");
    });

    it("is unknown for a reason that is told", async () => {
        const cases: [answer: typeof answer, says: string][] = [
            [[401, {}], "the API server does not accept the credentials"],
            [[403, {}], "no right to read the ConfigMap ops/aks-certificate-rotation"],
            [[404, {}], "there is no ConfigMap ops/aks-certificate-rotation"],
            [[503, {}], "the API server answered 503"],
            [
                [200, {}],
                "record.json of the ConfigMap ops/aks-certificate-rotation is no rotation record of this version",
            ],
            [
                [200, { data: { "record.json": '{"record":2}' } }],
                "record.json of the ConfigMap ops/aks-certificate-rotation is no rotation record of this version",
            ],
        ];
        for (const [given, message] of cases) {
            answer = given;
            await assert.rejects(read(), { message });
        }
    });
});

describe("the clusters of a subscription", () => {
    it("are read to the last page", async () => {
        const id = (name: string) =>
            `/subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/${name}`;
        const serving = await serve((path) => {
            const isSecond = path.includes("page=2");
            const names = isSecond ? ["a"] : ["c", "b"];
            const value = names.map((name) => ({ id: id(name), name, properties: { provisioningState: "Succeeded" } }));
            const next = `${serving.url}/subscriptions/s/providers/Microsoft.ContainerService/managedClusters?page=2`;
            return [200, { value, ...(isSecond ? {} : { nextLink: next }) }];
        });
        const trusted = getCACertificates("default");
        setDefaultCACertificates([...trusted, serving.ca]);
        try {
            const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
            const cloud = { resourceManager: serving.url, authority: serving.url, scope: "x/.default" };
            const list = await new Clusters("s", cloud, { credential, connect: connections({}) }).list(
                undefined,
                AbortSignal.timeout(5_000),
            );
            assert.deepEqual(
                list.map(({ clusterName, resourceGroupName, provisioningState }) => [
                    clusterName,
                    resourceGroupName,
                    provisioningState,
                ]),
                [
                    ["a", "g", "Succeeded"],
                    ["b", "g", "Succeeded"],
                    ["c", "g", "Succeeded"],
                ],
            );
        } finally {
            setDefaultCACertificates(trusted);
            serving.server.closeAllConnections();
            serving.server.close();
        }
    });
});
