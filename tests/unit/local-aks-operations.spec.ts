import assert from "node:assert/strict";
import { type LocalAks, type RotationOutcome, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken, ask, reviewSelf } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };
const ENDED = ["Succeeded", "Failed", "Canceled"] as const;

describe("local AKS: operations that are ended before their time", () => {
    let aks: LocalAks;
    let id: string;
    let token: string;

    beforeEach(async () => {
        aks = await startLocalAks({ rotationSeconds: 1e6 });
        await aks.addCluster({ ...REF, backend: "light" });
        id = aks.control.cluster(REF).id;
        token = await accessToken(aks);
    });
    afterEach(() => aks.close());

    async function kubeconfig(): Promise<string> {
        const { body } = await ask(aks, "POST", `${id}/listClusterUserCredential?api-version=1`, { token });
        return Buffer.from(JSON.parse(body ?? "").kubeconfigs[0].value, "base64").toString("utf8");
    }

    /** Rotates, and ends that at once or, with `late`, when the API server has its new certificates. */
    async function rotateAndEnd(status: (typeof ENDED)[number], planned?: RotationOutcome, late = false) {
        aks.control.set(REF, { rotationOutcomes: planned ? [planned] : [], outageSeconds: late ? 0 : undefined });
        const [config, ca] = [await kubeconfig(), aks.control.cluster(REF).caFingerprint];
        const { finished } = aks.control.rotateBySomebodyElse(REF);
        while (late && !(await reviewSelf(config)).error?.includes("certificate")) {}
        assert.equal(await aks.control.endOperation(REF, status), status);
        assert.equal(await finished, status);
        const { provisioningState, caFingerprint } = aks.control.cluster(REF);
        assert.equal(provisioningState, status);
        assert.deepEqual(await reviewSelf(await kubeconfig()), { username: "masterclient" });
        const changed = caFingerprint !== ca;
        assert.equal((await reviewSelf(config)).error !== undefined, changed);
        return changed;
    }

    for (const late of [false, true]) {
        it(`leaves a rotation's CA as such an outcome would${late ? ", with the API server already back" : ""}`, async () => {
            assert.equal(await rotateAndEnd("Succeeded", undefined, late), true);
            assert.equal(await rotateAndEnd("Failed", undefined, late), false);
            assert.equal(await rotateAndEnd("Canceled", undefined, late), false);
            const { finished, failed, canceled } = aks.control.cluster(REF).rotations;
            assert.deepEqual([finished, failed, canceled], [1, 1, 1]);
        });
    }

    it("heeds what was planned for the CA, and no other part of another outcome", async () => {
        assert.equal(await rotateAndEnd("Succeeded", { status: "Failed" }), true);
        assert.equal(await rotateAndEnd("Succeeded", { status: "Succeeded", changesCa: false }), false);
        assert.equal(await rotateAndEnd("Failed", { status: "Succeeded", changesCa: true }), true);
    });

    it("tells Azure's clients of the end, with an error", async () => {
        const answer = await ask(aks, "POST", `${id}/rotateClusterCertificates?api-version=1`, { token });
        await aks.control.endOperation(REF, "Failed");
        const path = String(answer.headers?.["azure-asyncoperation"]).slice(aks.url.length);
        const { status, error } = JSON.parse((await ask(aks, "GET", path, { token })).body ?? "");
        assert.deepEqual([status, error.code], ["Failed", "InternalOperationError"]);
    });

    it("are aborted as by az aks operation-abort: Canceling, then Canceled, without an error", async () => {
        assert.equal((await ask(aks, "POST", `${id}/abort?api-version=1`, { token })).status, 409);
        const { finished } = aks.control.rotateBySomebodyElse(REF);
        const operation = aks.control.cluster(REF).operationId;
        assert.equal((await ask(aks, "POST", `${id}/abort?api-version=1`, { token })).status, 202);
        assert.equal(await finished, "Canceled");
        assert.equal(aks.control.cluster(REF).provisioningState, "Canceled");
        const path = `/subscriptions/${aks.subscriptionId}/providers/Microsoft.ContainerService/locations/westeurope/operations/${operation}?api-version=1`;
        const answer = JSON.parse((await ask(aks, "GET", path, { token })).body ?? "");
        assert.deepEqual([answer.status, answer.error], ["Canceled", undefined]);
    });

    it("lets the API server come back late all the same", async () => {
        aks.control.set(REF, { slowReturnSeconds: 0.1 });
        aks.control.rotateBySomebodyElse(REF);
        await aks.control.endOperation(REF, "Succeeded");
        const config = await kubeconfig();
        assert.match((await reviewSelf(config)).error ?? "", /ECONNREFUSED/);
        while ((await reviewSelf(config)).error !== undefined) {}
        assert.deepEqual(await reviewSelf(config), { username: "masterclient" });
    });

    it("ends other operations too; a cluster whose deletion does not succeed stays", async () => {
        const { finished } = aks.control.beginOperation(REF, "Upgrading", 1e6, "Failed");
        assert.equal(await aks.control.endOperation(REF, "Succeeded"), "Succeeded");
        assert.equal(await finished, "Succeeded");
        aks.control.set(REF, { operationSeconds: 1e6 });
        await ask(aks, "DELETE", `${id}?api-version=1`, { token });
        await aks.control.endOperation(REF, "Canceled");
        assert.equal((await ask(aks, "GET", `${id}?api-version=1`, { token })).status, 200);
        assert.equal(aks.control.cluster(REF).provisioningState, "Canceled");
        await ask(aks, "DELETE", `${id}?api-version=1`, { token });
        await aks.control.endOperation(REF, "Succeeded");
        await aks.control.waitUntilIdle(REF);
        assert.throws(() => aks.control.cluster(REF), { status: 404 });
    });

    it("refuses where no operation runs, also over HTTP", async () => {
        await assert.rejects(aks.control.endOperation(REF, "Failed"), { status: 409 });
        await assert.rejects(aks.control.endOperation({ ...REF, name: "none" }, "Failed"), { status: 404 });
        const end = (status: string) =>
            ask(aks, "POST", "/_control/clusters/shop/prod/operation/end", { body: JSON.stringify({ status }) });
        assert.equal((await end("Failed")).status, 409);
        aks.control.rotateBySomebodyElse(REF);
        assert.equal((await end("InProgress")).status, 400);
        const { status, body } = await end("Canceled");
        assert.deepEqual([status, JSON.parse(body ?? "")], [200, { status: "Canceled" }]);
    });
});
