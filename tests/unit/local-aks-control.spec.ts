import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken, ask, caOf, reviewSelf, send } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };

describe("local AKS: control", () => {
    let aks: LocalAks;
    let token: string;

    beforeEach(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.05 });
        await aks.addCluster({ ...REF, backend: "light" });
        token = await accessToken(aks);
    });
    afterEach(() => aks.close());

    async function kubeconfig(): Promise<string> {
        const path = `${aks.control.cluster(REF).id}/listClusterUserCredential?api-version=1`;
        const { body } = await ask(aks, "POST", path, { token });
        return Buffer.from(JSON.parse(body ?? "").kubeconfigs[0].value, "base64").toString("utf8");
    }

    it("rotates as somebody else, and counts it", async () => {
        const { finished } = aks.control.rotateBySomebodyElse(REF);
        assert.equal(aks.control.cluster(REF).provisioningState, "RotatingClusterCertificates");
        assert.equal(await finished, "Succeeded");
        const { lastSeconds, lastEndedAt, ...counts } = aks.control.cluster(REF).rotations;
        assert.deepEqual(counts, { started: 1, startedBySomebodyElse: 1, finished: 1, failed: 0, canceled: 0 });
        assert.ok(lastSeconds !== undefined && lastSeconds >= 0.05);
        assert.ok(Math.abs(Date.now() - (lastEndedAt ?? 0)) < 60_000);
    });

    it("serves the old kubeconfig for a while after Succeeded", async () => {
        aks.control.set(REF, { credentialsLagSeconds: 3600 });
        const before = await kubeconfig();
        await aks.control.rotateBySomebodyElse(REF).finished;
        assert.equal(caOf(await kubeconfig()).ca, caOf(before).ca);
        assert.ok((await reviewSelf(before)).error, "the API server has the new CA already");
    });

    it("lets a rotation end as it is told, with the CA or without", async () => {
        const outcomes = [
            { status: "Succeeded" as const, changesCa: false },
            { status: "Canceled" as const },
            { status: "Failed" as const, changesCa: true },
        ];
        aks.control.set(REF, { rotationOutcomes: outcomes });
        const ca = () => aks.control.cluster(REF).caFingerprint;
        const first = ca();
        assert.equal(await aks.control.rotateBySomebodyElse(REF).finished, "Succeeded");
        assert.equal(await aks.control.rotateBySomebodyElse(REF).finished, "Canceled");
        assert.equal(ca(), first);
        assert.equal(await aks.control.rotateBySomebodyElse(REF).finished, "Failed");
        assert.notEqual(ca(), first);
        const { finished, canceled, failed } = aks.control.cluster(REF).rotations;
        assert.deepEqual([finished, canceled, failed], [1, 1, 1]);
    });

    it("keeps the API server down for as long as it is told", async () => {
        aks.control.set(REF, { rotationSeconds: 3600, outageSeconds: 3600 });
        const before = await kubeconfig();
        aks.control.rotateBySomebodyElse(REF);
        while ((await reviewSelf(before)).error === undefined) {}
        assert.match((await reviewSelf(before)).error ?? "", /ECONNREFUSED/);
    });

    it("says Succeeded before the API server is back, if it is told", async () => {
        aks.control.set(REF, { slowReturnSeconds: 0.2 });
        await aks.control.rotateBySomebodyElse(REF).finished;
        const after = await kubeconfig();
        assert.match((await reviewSelf(after)).error ?? "", /ECONNREFUSED/);
        while ((await reviewSelf(after)).error !== undefined) {}
        assert.deepEqual(await reviewSelf(after), { username: "masterclient" });
    });

    it("deletes a cluster in the middle of a rotation", async () => {
        aks.control.set(REF, { rotationSeconds: 3600 });
        const { id, finished } = aks.control.rotateBySomebodyElse(REF);
        const cluster = aks.control.cluster(REF);
        await aks.control.delete(REF);
        assert.equal(await finished, "Canceled");
        assert.equal((await ask(aks, "GET", `${cluster.id}?api-version=1`, { token })).status, 404);
        const operations = `/subscriptions/${aks.subscriptionId}/providers/Microsoft.ContainerService/locations/westeurope/operations`;
        const { body } = await ask(aks, "GET", `${operations}/${id}?api-version=1`, { token });
        assert.equal(JSON.parse(body ?? "").status, "Canceled");
    });

    it("ends promptly while a rotation is stuck for longer than a timer can wait", async () => {
        aks.control.set(REF, { rotationSeconds: 1e7, outageSeconds: 0 });
        const deleted = aks.control.rotateBySomebodyElse(REF).finished;
        const before = await kubeconfig();
        while ((await reviewSelf(before)).error === undefined) {}
        assert.equal(aks.control.cluster(REF).provisioningState, "RotatingClusterCertificates");
        await aks.control.recreate(REF);
        assert.equal(await deleted, "Canceled");
        const closed = aks.control.rotateBySomebodyElse(REF).finished;
        await aks.close();
        assert.equal(await closed, "Canceled");
    });

    it("makes a cluster again: another resourceUID and CA, the settings it had", async () => {
        aks.control.set(REF, { operationSeconds: 5 });
        const before = aks.control.cluster(REF);
        await aks.control.recreate(REF);
        const after = aks.control.cluster(REF);
        assert.notEqual(after.resourceUID, before.resourceUID);
        assert.notEqual(after.caFingerprint, before.caFingerprint);
        assert.equal(after.settings.operationSeconds, 5);
        assert.equal(after.rotations.started, 0);
    });

    it("makes certificates that have expired, which a rotation heals", async () => {
        await aks.control.replaceCertificates(REF, { ca: -60 });
        assert.match((await reviewSelf(await kubeconfig())).error ?? "", /expired/);
        await aks.control.replaceCertificates(REF, { client: -60 });
        assert.deepEqual(await reviewSelf(await kubeconfig()), { status: 401 });
        assert.equal(aks.control.cluster(REF).rotations.started, 0);
        await aks.control.rotateBySomebodyElse(REF).finished;
        assert.deepEqual(await reviewSelf(await kubeconfig()), { username: "masterclient" });
    });

    it("takes the API server away while Azure says that all is well", async () => {
        await aks.control.setReachable(REF, false);
        assert.match((await reviewSelf(await kubeconfig())).error ?? "", /ECONNREFUSED/);
        assert.equal(aks.control.cluster(REF).provisioningState, "Succeeded");
        await aks.control.setReachable(REF, true);
        assert.deepEqual(await reviewSelf(await kubeconfig()), { username: "masterclient" });
    });

    it("remembers requests, without anything in which a secret could be", async () => {
        await kubeconfig();
        const { requests } = aks.control.cluster(REF);
        assert.deepEqual(requests, { listClusterUserCredential: 1 });
        const log = aks.control.requests();
        assert.deepEqual(
            log.map(({ kind, status }) => [kind, status]),
            [
                ["token", 200],
                ["listClusterUserCredential", 200],
            ],
        );
        const text = JSON.stringify(log);
        assert.deepEqual(
            aks.issuedSecrets().filter((secret) => text.includes(secret)),
            [],
        );
        aks.control.clearRequests();
        assert.deepEqual(aks.control.requests(), []);
    });

    it("knows every secret that it gave out, as it would show in a leak", async () => {
        const config = await kubeconfig();
        const { key, token: bearer } = caOf(config);
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        const secrets = new Set(aks.issuedSecrets());
        const lines = key.split("\n").filter((line) => line && !line.startsWith("-"));
        assert.ok(lines.length > 1);
        const leaks = [token, bearer, base64(key), base64(config), lines.join(""), ...lines];
        for (const leak of [...leaks, aks.environment.ARM_CLIENT_SECRET ?? ""]) {
            assert.ok(secrets.has(leak), leak);
        }
        assert.ok(!secrets.has(""));
    });

    it("does the same over HTTP", async () => {
        const path = `/_control/clusters/${REF.resourceGroup}/${REF.name}`;
        const control = async (method: string, to: string, body?: object) => {
            const answer = await ask(aks, method, to, { body: body && JSON.stringify(body) });
            return { status: answer.status, body: answer.body ? JSON.parse(answer.body) : undefined };
        };
        const set = await control("PATCH", path, { rotationSeconds: 0.01, outageSeconds: null });
        assert.equal(set.body.settings.rotationSeconds, 0.01);
        assert.equal((await control("POST", `${path}/rotate`)).status, 202);
        await aks.control.waitUntilIdle(REF);
        assert.equal((await control("GET", path)).body.rotations.finished, 1);
        const { body } = await control("POST", "/_control/faults", {
            match: { kind: "token" },
            action: { type: "answer", status: 500 },
        });
        assert.equal((await control("GET", "/_control/faults")).body[0].id, body.id);
        assert.equal((await control("DELETE", `/_control/faults/${body.id}`)).status, 204);
        const wrong = await control("PATCH", path, { rotationSecond: 5 });
        assert.equal(wrong.status, 400);
        assert.match(wrong.body.error.message, /rotationSecond/);
        assert.equal((await control("GET", "/_control/clusters/shop/none")).status, 404);
        assert.equal((await control("PUT", "/_control/denied-actions", { actions: ["a"] })).status, 204);
        assert.equal((await control("PUT", "/_control/token-lifetime", { seconds: 5 })).status, 204);
        const added = await control("POST", "/_control/clusters", { ...REF, name: "b", backend: "light" });
        assert.deepEqual([added.status, added.body.provisioningState], [201, "Succeeded"]);
        assert.equal((await control("DELETE", "/_control/clusters/shop/b")).status, 204);
        assert.equal((await control("GET", "/_control/clusters")).body.length, 1);
    });

    it("refuses a second cluster of the same name, and a port that is taken", async () => {
        await assert.rejects(aks.addCluster({ resourceGroup: "SHOP", name: "Prod", backend: "light" }), /already/);
        const port = Number(new URL(aks.url).port);
        await assert.rejects(startLocalAks({ port }), /^Error: Port \d+ of 127\.0\.0\.1 is taken\./);
    });

    it("holds a hundred clusters", async function () {
        this.timeout(60_000);
        const names = Array.from({ length: 100 }, (_, index) => `cluster-${index}`);
        await Promise.all(names.map((name) => aks.addCluster({ resourceGroup: "fleet", name, backend: "light" })));
        assert.equal(new Set(aks.control.clusters().map(({ server }) => server)).size, 101);
    });

    it("leaves nothing behind", async () => {
        const { server } = aks.control.cluster(REF);
        await aks.close();
        assert.ok(!existsSync(aks.caFile));
        for (const url of [aks.url, server]) {
            assert.match((await send(url, {})).error ?? "", /ECONNREFUSED/);
        }
    });
});
