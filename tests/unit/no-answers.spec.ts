import assert from "node:assert/strict";
import { findCloud } from "../../azure/cloud";
import { Clusters } from "../../azure/clusters";
import { explain, isTransient } from "../../azure/explain";
import { chooseSignIn } from "../../azure/sign-in";
import type { RequestKind } from "../../rehearsal/local-aks/request-kind";
import { clusterFixture, type Fixture, signal } from "../support/cluster-fixture";

const PAGE = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body></body></html>";

describe("an answer that is none, with status 200", function () {
    // Each is asked for again after a second or so; what belongs together is asked for at the same time.
    this.timeout(30_000);
    let fixture: Fixture;

    before(async () => {
        fixture = await clusterFixture();
    });
    after(() => fixture[Symbol.asyncDispose]());
    afterEach(() => fixture.aks.control.clearFaults());

    const cloud = () => ({
        resourceManager: fixture.aks.url,
        authority: fixture.aks.url,
        scope: `${fixture.aks.url}/.default`,
    });
    const reads: Partial<Record<RequestKind, () => Promise<unknown>>> = {
        getCluster: async () => (await fixture.azure().look(signal()))?.provisioningState,
        listClusterUserCredential: async () => (await fixture.azure().credentials(signal())).server,
        listClusterAdminCredential: async () =>
            (await fixture.azure({ credentials: "admin" }).credentials(signal())).server,
        permissions: () => fixture.azure().permissions(signal()),
        kubernetesVersions: () => fixture.azure().kubernetesVersions("westeurope", signal()),
        listClusters: async () => {
            const clusters = new Clusters(fixture.aks.subscriptionId, cloud(), fixture.signIn);
            return (await clusters.list(undefined, signal())).map(({ clusterId }) => clusterId);
        },
        commandResult: () => fixture.azure().runCommand("exit 3", undefined, signal()),
        metadata: () => findCloud({ ARM_METADATA_HOSTNAME: new URL(fixture.aks.url).host }, signal()),
    };
    const answers: [what: string, body: string, type: string][] = [
        ["a proxy's page", PAGE, "text/html"],
        ["{}", "{}", "application/json"],
        ["nothing", "", "application/json"],
    ];

    for (const [what, body, type] of answers) {
        it(`is asked for again, as after a 503, whatever was asked for: ${what}`, async () => {
            const { control } = fixture.aks;
            const kinds = Object.keys(reads) as RequestKind[];
            const right = await Promise.all(kinds.map((kind) => reads[kind]?.()));
            for (const kind of kinds) {
                const headers = { "content-type": type };
                control.addFault({ match: { kind }, action: { type: "answer", status: 200, body, headers } });
            }
            assert.deepEqual(await Promise.all(kinds.map((kind) => reads[kind]?.())), right);
            const hits = control.faults().map(({ match, hits }) => [match.kind, hits]);
            assert.deepEqual(
                hits,
                kinds.map((kind) => [kind, 1]),
            );
        });

        it(`from the sign-in service is asked for again: ${what}`, async () => {
            const { aks } = fixture;
            for (const kind of ["token", "discovery"] as const) {
                const headers = { "content-type": type };
                aks.control.addFault({ match: { kind }, action: { type: "answer", status: 200, body, headers } });
            }
            const { credential } = chooseSignIn(aks.environment, cloud());
            assert.match((await credential.getToken(`${aks.url}/.default`))?.token ?? "", /^ey/);
            assert.deepEqual(
                aks.control.faults().map(({ hits }) => hits),
                [1, 1],
            );
        });

        it(`says nothing of the end of an operation: ${what}`, async () => {
            const { aks, ref } = fixture;
            aks.control.set(ref, { rotationOutcomes: [{ status: "Failed", code: "ScopeLocked" }] });
            const started = await fixture.azure().startRotation(signal());
            await aks.control.waitUntilIdle(ref);
            const headers = { "content-type": type };
            aks.control.addFault({
                match: { kind: "operation" },
                action: { type: "answer", status: 200, body, headers },
            });
            const operation = started.answer === "accepted" ? (started.operation ?? "") : "";
            assert.equal((await fixture.azure().operationError(operation, signal()))?.kind, "lasting");
        });
    }

    for (const [kind, status, body] of [
        ["token", 200, PAGE],
        ["token", 503, undefined],
        ["discovery", 302, ""],
    ] as const) {
        it(`from the sign-in service for long is an outage, not a refusal: ${kind}, ${status}`, async () => {
            const { aks } = fixture;
            aks.control.addFault({ match: { kind }, action: { type: "answer", status, body }, count: 0 });
            const signIn = chooseSignIn(aks.environment, cloud());
            await assert.rejects(signIn.credential.getToken(`${aks.url}/.default`), (error: Error) => {
                assert.equal(isTransient(error), true);
                assert.match(
                    explain(error, fixture.names(), signIn),
                    /^Azure's sign-in service did not answer \(client secret, .*\): .*(no token|503|a redirect).* Check the network/,
                );
                return true;
            });
        });
    }

    it("is an error in the end that waiting may remove, and that names what came in place of an answer", async () => {
        const wrong: [body: string, type: string, words: RegExp][] = [
            [PAGE, "text/html", /no managed cluster .*an HTML page, "Sign in to the network"/],
            ["{}", "application/json", /no managed cluster .*id/],
            [`{"value":"${"x".repeat(17 * 1024 * 1024)}"}`, "application/json", /more than 16 MiB/],
        ];
        await Promise.all(
            wrong.map(async ([body, type, words], at) => {
                const ref = { resourceGroup: "group", name: `wrong${at}` };
                await fixture.aks.addCluster({ ...ref, backend: "light" });
                fixture.aks.control.addFault({
                    match: { kind: "getCluster", cluster: ref.name },
                    action: { type: "answer", status: 200, body, headers: { "content-type": type } },
                    count: 0,
                });
                const azure = fixture.azure({ clusterName: ref.name });
                await assert.rejects(azure.look(signal()), (error: Error) => {
                    assert.match(error.message, words);
                    return isTransient(error);
                });
                assert.equal(fixture.aks.control.cluster(ref).requests.getCluster, 4);
            }),
        );
    });
});

describe("an answer that is none, to the request to rotate", () => {
    let fixture: Fixture;

    beforeEach(async () => {
        fixture = await clusterFixture();
    });
    afterEach(() => fixture[Symbol.asyncDispose]());

    const answers: [what: string, status: number, body: string, headers?: Record<string, string>][] = [
        ["a 200 with a page", 200, PAGE],
        ["a 202 with a page", 202, PAGE],
        ["a 202 with a page, said to be JSON", 202, PAGE, { "content-type": "application/json" }],
        ["an empty 200 without Azure's headers", 200, ""],
        ["an empty 202 without Azure's headers", 202, ""],
        ["a 200 with {} without Azure's headers", 200, "{}", { "content-type": "application/json" }],
        ["a 201", 201, ""],
        ["a 204", 204, ""],
        ["a 301", 301, "", { location: "/elsewhere" }],
        ["a 302", 302, PAGE, { location: "https://127.0.0.1:1/login" }],
        ["a 303", 303, "", { location: "/elsewhere" }],
        ["a 307", 307, "", { location: "?again" }],
        ["a 308", 308, "", { location: "/elsewhere" }],
        ["a 409 with a page", 409, PAGE],
    ];
    for (const [what, status, body, headers] of answers) {
        for (const when of ["before", "after"] as const) {
            it(`leaves open whether it was accepted: ${what}, ${when} it is handled`, async () => {
                const { aks, ref } = fixture;
                const match = { kind: "rotateClusterCertificates" } as const;
                aks.control.addFault({ match, action: { type: "answer", when, status, body, headers } });
                const { answer } = await fixture.azure().startRotation(signal());
                assert.equal(answer, "none");
                const { rotations, requests } = aks.control.cluster(ref);
                assert.equal(requests.rotateClusterCertificates, 1);
                assert.equal(rotations.started, when === "after" ? 1 : 0);
            });
        }
    }

    it("is one where it is Azure's own", async () => {
        const { aks } = fixture;
        const match = { kind: "rotateClusterCertificates" } as const;
        for (const [status, headers] of [
            [202, { location: `${aks.url}/operation` }],
            [202, { "azure-asyncoperation": `${aks.url}/operation` }],
            [200, { "x-ms-request-id": "1" }],
        ] as [number, Record<string, string>][]) {
            aks.control.addFault({ match, action: { type: "answer", status, body: "", headers } });
            assert.equal((await fixture.azure().startRotation(signal())).answer, "accepted");
        }
    });

    it("that Azure refuses for good is an error: a lock, a quota", async () => {
        const match = { kind: "rotateClusterCertificates" } as const;
        for (const [code, message] of [
            ["ScopeLocked", "The scope 'x' cannot perform write operation because following scope(s) are locked: 'y'."],
            ["OperationNotAllowed", "Operation results in exceeding quota limits of Core. Maximum allowed: 10."],
        ]) {
            fixture.aks.control.addFault({ match, action: { type: "answer", status: 409, code, message } });
            await assert.rejects(fixture.azure().startRotation(signal()), { statusCode: 409, code });
        }
    });
});
