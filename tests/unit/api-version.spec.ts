import assert from "node:assert/strict";
import { supportedApiVersion } from "../../azure/api-version";
import { clusterFixture, type Fixture, signal } from "../support/cluster-fixture";

describe("the version of the API in a cloud that lacks the SDK's", () => {
    const listed = (list: string) =>
        `No registered resource provider found for location 'usgovvirginia' and API version '2026-04-01' for type 'managedClusters'. The supported api-versions are '${list}'. The supported locations are 'usgovvirginia, usgovarizona'.`;
    const versions = "2017-08-31, 2024-09-02-preview, 2025-05-01, 2024-10-01, 2025-06-02-preview, 2018-03-31";

    for (const code of [
        "NoRegisteredProviderFound",
        "InvalidResourceType",
        "UnsupportedApiVersion",
        "InvalidApiVersionParameter",
    ]) {
        it(`is the newest stable one that the error lists: ${code}`, () => {
            for (const body of [
                { error: { code, message: listed(versions) } },
                JSON.stringify({ error: { code, message: listed(versions) } }),
                { error: { code, message: `${"x".repeat(500)} ${listed(versions)}` } },
                { error: { code, message: listed(versions.replaceAll(", ", ",")) } },
            ]) {
                assert.equal(supportedApiVersion(body), "2025-05-01");
            }
        });
    }

    it("is not known from any other error, or where only previews are listed, or none", () => {
        for (const body of [
            { error: { code: "BadRequest", message: listed(versions) } },
            { error: { code: "NoRegisteredProviderFound", message: listed("2025-06-02-preview, latest") } },
            { error: { code: "NoRegisteredProviderFound", message: "No registered resource provider found." } },
            "<html>The supported api-versions are '2025-05-01'</html>",
            "",
            undefined,
            null,
        ]) {
            assert.equal(supportedApiVersion(body), undefined);
        }
    });

    describe("when a cluster is read and rotated", () => {
        let fixture: Fixture;

        beforeEach(async () => {
            fixture = await clusterFixture();
        });
        afterEach(() => fixture[Symbol.asyncDispose]());

        const statuses = () => fixture.aks.control.requests(fixture.ref).map(({ kind, status }) => `${kind} ${status}`);

        it("is found by the first read, and used from then on: the rotation is asked for once", async () => {
            const { control } = fixture.aks;
            control.setApiVersions(["2024-10-01", "2025-05-01", "2025-09-02-preview"]);
            const azure = fixture.azure();
            assert.equal((await azure.look(signal()))?.provisioningState, "Succeeded");
            assert.match((await azure.credentials(signal())).server, /^https:/);
            assert.equal((await azure.permissions(signal())).length, 1);
            assert.ok((await azure.kubernetesVersions("westeurope", signal())).length > 0);
            assert.equal((await fixture.azure().startRotation(signal())).answer, "accepted");
            assert.deepEqual(statuses(), [
                "getCluster 400",
                "getCluster 200",
                "listClusterUserCredential 200",
                "permissions 200",
                "rotateClusterCertificates 202",
            ]);
            assert.equal(control.cluster(fixture.ref).rotations.started, 1);
        });

        it("is not looked for again where the one that was listed is refused too", async () => {
            const { control } = fixture.aks;
            control.setApiVersions(["2024-10-01-preview", "2024-10-01"]);
            await fixture.azure().look(signal());
            control.setApiVersions(["2023-01-01"]);
            await assert.rejects(fixture.azure().look(signal()), {
                statusCode: 400,
                code: "NoRegisteredProviderFound",
            });
            assert.deepEqual(statuses(), ["getCluster 400", "getCluster 200", "getCluster 400"]);
        });

        it("is an error as before where only previews are listed", async () => {
            fixture.aks.control.setApiVersions(["2024-10-01-preview"]);
            await assert.rejects(fixture.azure().look(signal()), {
                statusCode: 400,
                code: "NoRegisteredProviderFound",
            });
            assert.deepEqual(statuses(), ["getCluster 400"]);
        });

        it("is not found by the request to rotate, which is never sent twice", async () => {
            fixture.aks.control.setApiVersions(["2025-05-01"]);
            await assert.rejects(fixture.azure().startRotation(signal()), { code: "NoRegisteredProviderFound" });
            assert.equal((await fixture.azure().startRotation(signal())).answer, "accepted");
            assert.deepEqual(statuses(), ["rotateClusterCertificates 400", "rotateClusterCertificates 202"]);
        });
    });
});
