import assert from "node:assert/strict";
import { type Answer, notAnAnswer } from "../../azure/answer-shape";

const HOST = "https://management.azure.com";
const GROUP = "/subscriptions/s/resourceGroups/My%20group/providers/Microsoft.ContainerService";
const CLUSTER = `${GROUP}/managedClusters/blue`;
const PAGE = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head></html>";

const cluster = { id: decodeURIComponent(CLUSTER), properties: { provisioningState: "Succeeded" } };

const answer = (
    path: string,
    body: unknown,
    status = 200,
    method = "GET",
    headers: Record<string, string> = {},
): Answer => ({
    method,
    url: `${HOST}${path}?api-version=1`,
    status,
    header: (name) => headers[name],
    body: typeof body === "string" ? body : JSON.stringify(body),
});

/** What a proxy, a captive portal or a broken gateway answers in Azure's place. */
const wrong: unknown[] = [
    "",
    " \r\n",
    "{}",
    "null",
    "[]",
    "[{}]",
    '"ok"',
    "0",
    "true",
    "OK",
    PAGE,
    `\ufeff${PAGE}`,
    "<?xml version='1.0'?><a/>",
    '{"id":"',
    { error: { code: "ServiceUnavailable", message: "Try again." } },
    { value: null, values: null, kubeconfigs: null, status: null, properties: null, id: null, access_token: null },
];

const result = { properties: { provisioningState: "Succeeded" } };
const right: [path: string, body: unknown][] = [
    [CLUSTER, cluster],
    [CLUSTER, { ...cluster, id: cluster.id.toUpperCase() }],
    [`${GROUP}/managedClusters`, { value: [] }],
    [`${GROUP}/managedClusters`, { value: [cluster], nextLink: "" }],
    [`${CLUSTER}/listClusterUserCredential`, { kubeconfigs: [{ name: "a", value: "b" }] }],
    [`${CLUSTER}/listClusterAdminCredential`, { kubeconfigs: [] }],
    [`${CLUSTER}/providers/Microsoft.Authorization/permissions`, { value: [] }],
    ["/subscriptions/s/providers/Microsoft.ContainerService/locations/l/kubernetesVersions", { values: [] }],
    [`${CLUSTER}/runCommand`, { id: "1", ...result }],
    [`${CLUSTER}/commandResults/1`, { id: "1", ...result }],
    ["/subscriptions/s/providers/Microsoft.ContainerService/locations/l/operations/1", { status: "Failed" }],
    [`${GROUP}/fleets/blue`, { id: "1" }],
    ["/t/oauth2/v2.0/token", { access_token: "t", expires_in: 1 }],
    ["/metadata/identity/oauth2/token", { access_token: "t" }],
    ["/t/v2.0/.well-known/openid-configuration", { token_endpoint: "t", issuer: "i" }],
    ["/metadata/endpoints", { resourceManager: HOST, authentication: { loginEndpoint: HOST } }],
];

describe("an answer of Azure", () => {
    for (const [path, body] of right) {
        it(`is taken where it has its shape, and refused otherwise: ${path}`, () => {
            assert.equal(notAnAnswer(answer(path, body)), undefined);
            for (const other of wrong) {
                assert.match(notAnAnswer(answer(path, other)) ?? "", /^no /, JSON.stringify(other));
            }
            for (const status of [201, 203, 204, 206]) {
                assert.match(notAnAnswer(answer(path, body, status)) ?? "", /^no .* \(status 20/);
            }
            for (const status of [301, 302, 303, 304, 307, 308]) {
                assert.match(notAnAnswer(answer(path, "", status)) ?? "", /^a redirect/);
            }
        });
    }

    it("of any other request must at least be a JSON object", () => {
        for (const body of wrong.slice(0, 14).filter((body) => body !== "{}")) {
            assert.match(notAnAnswer(answer("/token-of-a-pipeline", body)) ?? "", /^no answer of Azure/);
        }
        assert.equal(notAnAnswer(answer("/token-of-a-pipeline", { value: "t" })), undefined);
    });

    const spoiled: [what: string, body: unknown][] = [
        ["no id", { properties: cluster.properties }],
        ["another cluster's id", { ...cluster, id: `${cluster.id}2` }],
        ["the id of a cluster in another group", { ...cluster, id: cluster.id.replace("My group", "Other") }],
        ["an id that is no text", { ...cluster, id: 1 }],
        ["no properties", { id: cluster.id }],
        ["no provisioningState", { id: cluster.id, properties: {} }],
        ["a provisioningState of null", { id: cluster.id, properties: { provisioningState: null } }],
        ["an empty provisioningState", { id: cluster.id, properties: { provisioningState: "" } }],
    ];
    for (const [what, body] of spoiled) {
        it(`is no cluster with ${what}`, () => {
            assert.match(notAnAnswer(answer(CLUSTER, body)) ?? "", /^no managed cluster \(/);
        });
    }

    it("that lists a cluster which is none is no list", () => {
        for (const [what, body] of spoiled.filter(([what]) => !what.includes("another") && !what.includes("group"))) {
            const said = notAnAnswer(answer(`${GROUP}/managedClusters`, { value: [cluster, body] }));
            assert.match(said ?? "", /^no list of managed clusters \(value\.1/, what);
        }
    });

    it("has no body while a command or an operation still runs", () => {
        assert.equal(notAnAnswer(answer(`${CLUSTER}/commandResults/1`, "", 202)), undefined);
        assert.equal(notAnAnswer(answer(`${CLUSTER}/runCommand`, "", 202, "POST")), undefined);
        assert.equal(notAnAnswer(answer("/subscriptions/s/locations/l/operationresults/1", "", 204)), undefined);
        assert.match(notAnAnswer(answer(`${CLUSTER}/commandResults/1`, PAGE, 202)) ?? "", /^no result/);
        assert.match(notAnAnswer(answer(`${CLUSTER}/commandResults/1`, "")) ?? "", /^no result/);
    });

    it("that is an error is the SDK's to read, unless it is a proxy's page in the place of Resource Manager's", () => {
        const error = { error: { code: "ResourceNotFound", message: "…" } };
        assert.equal(notAnAnswer(answer(CLUSTER, error, 404)), undefined);
        assert.equal(notAnAnswer(answer(CLUSTER, PAGE, 503)), undefined);
        assert.equal(notAnAnswer(answer(CLUSTER, PAGE, 407)), undefined);
        assert.equal(notAnAnswer(answer("/metadata/identity/oauth2/token", PAGE, 404)), undefined);
        assert.equal(notAnAnswer(answer(CLUSTER, PAGE, 404)), 'an HTML page, "Sign in to the network" with status 404');
    });

    it("repeats nothing of what could be a secret", () => {
        const said = notAnAnswer(answer("/t/oauth2/v2.0/token", { token: "s3cret", access_token: 5 }));
        assert.doesNotMatch(said ?? "", /s3cret/);
        assert.doesNotMatch(notAnAnswer(answer(CLUSTER, '{"value":"s3cret')) ?? "", /s3cret/);
    });
});

describe("the answer to a request to rotate", () => {
    const path = `${CLUSTER}/rotateClusterCertificates`;
    const own = [
        { "azure-asyncoperation": "u" },
        { location: "u" },
        { "x-ms-request-id": "1" },
        { "x-ms-correlation-request-id": "1" },
    ] as Record<string, string>[];

    it("is Azure's acceptance with 202 or 200, a header of Azure's, and no page", () => {
        for (const headers of own) {
            for (const status of [200, 202]) {
                for (const body of ["", "{}"]) {
                    assert.equal(notAnAnswer(answer(path, body, status, "POST", headers)), undefined);
                }
                assert.match(notAnAnswer(answer(path, PAGE, status, "POST", headers)) ?? "", /^no acceptance/);
            }
            for (const status of [201, 203, 204]) {
                assert.match(notAnAnswer(answer(path, "", status, "POST", headers)) ?? "", /^no acceptance/);
            }
            assert.match(notAnAnswer(answer(path, "", 307, "POST", headers)) ?? "", /^a redirect/);
        }
    });

    it("is none without a header of Azure's", () => {
        for (const status of [200, 202]) {
            for (const body of ["", "{}", PAGE]) {
                assert.match(notAnAnswer(answer(path, body, status, "POST")) ?? "", /^no acceptance by Azure/);
            }
        }
    });
});
