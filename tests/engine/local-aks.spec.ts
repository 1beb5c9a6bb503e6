import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { getControlPlane } from "../../toolchain/kubernetes";
import { accessToken, ask, caOf, reviewSelf, send } from "../unit/local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

describe("local AKS: a real control plane", function () {
    this.timeout(20 * 60_000);
    let aks: LocalAks;

    before(async () => {
        const progress = (line: string) => console.error(`      ${line}`);
        aks = await startLocalAks({ rotationSeconds: 2, tools: await getControlPlane(progress), progress });
        await aks.addCluster({ ...REF, backend: "control-plane" });
    });
    after(async () => {
        await aks.close();
        assert.ok(!existsSync(aks.caFile));
    });

    async function kubeconfig(): Promise<string> {
        const path = `${aks.control.cluster(REF).id}/listClusterAdminCredential?api-version=1`;
        const { body } = await ask(aks, "POST", path, { token: await accessToken(aks) });
        return Buffer.from(JSON.parse(body ?? "").kubeconfigs[0].value, "base64").toString("utf8");
    }

    function kubernetes(config: string, method: string, path: string, body?: object) {
        const { server, ca, certificate, key } = caOf(config);
        const headers = { "content-type": "application/json" };
        return send(server + path, { method, ca, cert: certificate, key, headers }, body && JSON.stringify(body));
    }

    it("is really down in a rotation; then the old kubeconfig fails with an x509 error, and the objects are there", async () => {
        const before = await kubeconfig();
        assert.deepEqual(await reviewSelf(before), { username: "masterclient" });
        const created = await kubernetes(before, "POST", CONFIG_MAPS, { metadata: { name: "kept" }, data: { a: "b" } });
        assert.equal(created.status, 201);
        const { uid } = JSON.parse(created.body ?? "").metadata;

        const rotation = aks.control.rotateBySomebodyElse(REF);
        let refused = 0;
        let running = true;
        void rotation.finished.then(() => {
            running = false;
        });
        while (running) {
            refused += (await reviewSelf(before)).error?.includes("ECONNREFUSED") ? 1 : 0;
        }
        assert.equal(await rotation.finished, "Succeeded");
        assert.ok(refused > 0, "the API server was never down");

        const after = await kubeconfig();
        assert.match(
            (await reviewSelf(before)).error ?? "",
            /certificate signature failure|unable to verify|self.signed/,
        );
        assert.deepEqual(await reviewSelf(before, caOf(after).ca), { status: 401 });
        assert.deepEqual(await reviewSelf(after), { username: "masterclient" });
        const kept = await kubernetes(after, "GET", `${CONFIG_MAPS}/kept`);
        assert.equal(JSON.parse(kept.body ?? "").metadata.uid, uid);
        const { server, ca, token } = caOf(after);
        const byToken = await send(`${server}/version`, { ca, headers: { authorization: `Bearer ${token}` } });
        assert.equal(byToken.status, 200);
        assert.equal((await send(`${server}/version`, { ca })).status, 401);
    });

    it("collects garbage: what is deleted in the foreground goes", async () => {
        const config = await kubeconfig();
        const path = `${CONFIG_MAPS}/garbage`;
        await kubernetes(config, "POST", CONFIG_MAPS, { metadata: { name: "garbage" } });
        await kubernetes(config, "DELETE", path, { kind: "DeleteOptions", propagationPolicy: "Foreground" });
        while ((await kubernetes(config, "GET", path)).status !== 404) {}
    });

    it("is made anew without its objects, and ends with the others", async () => {
        const { server } = aks.control.cluster(REF);
        await aks.control.recreate(REF);
        assert.match((await send(server, {})).error ?? "", /ECONNREFUSED/);
        const config = await kubeconfig();
        assert.equal((await kubernetes(config, "GET", `${CONFIG_MAPS}/kept`)).status, 404);
    });

    it("ends a rotation before its time, and gives the API server its old certificates back if that failed", async () => {
        aks.control.set(REF, { rotationSeconds: 1e6, outageSeconds: 0 });
        const before = await kubeconfig();
        const failed = aks.control.rotateBySomebodyElse(REF).finished;
        while (!/signature|verify|self.signed/.test((await reviewSelf(before)).error ?? "")) {}
        await aks.control.endOperation(REF, "Failed");
        assert.equal(await failed, "Failed");
        assert.deepEqual(await reviewSelf(before), { username: "masterclient" });
        aks.control.rotateBySomebodyElse(REF);
        await aks.control.endOperation(REF, "Succeeded");
        assert.ok((await reviewSelf(before)).error);
        assert.deepEqual(await reviewSelf(await kubeconfig()), { username: "masterclient" });
    });
});
