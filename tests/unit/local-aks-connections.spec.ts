import assert from "node:assert/strict";
import type { FaultAction } from "../../rehearsal/local-aks/fault";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken, ask, reviewSelf } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };
const CONNECTION = { kind: "apiServerConnection", cluster: "PROD" } as const;

describe("local AKS: connections to an API server", () => {
    let aks: LocalAks;
    let config: string;

    beforeEach(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.05 });
        await aks.addCluster({ ...REF, backend: "light" });
        config = await kubeconfig("prod");
        aks.control.clearRequests();
    });
    afterEach(() => aks.close());

    async function kubeconfig(name: string): Promise<string> {
        const { id } = aks.control.cluster({ ...REF, name });
        const path = `${id}/listClusterUserCredential?api-version=1`;
        const { body } = await ask(aks, "POST", path, { token: await accessToken(aks) });
        return Buffer.from(JSON.parse(body ?? "").kubeconfigs[0].value, "base64").toString("utf8");
    }

    function inject(action: FaultAction, match: object = {}): number {
        return aks.control.addFault({ match: { ...CONNECTION, ...match }, action });
    }

    it("are cut before TLS, those of one cluster only; each is in the log", async () => {
        await aks.addCluster({ ...REF, name: "other", backend: "light" });
        const other = await kubeconfig("other");
        aks.control.clearRequests();
        inject({ type: "reset", when: "before" });
        assert.deepEqual(await reviewSelf(other), { username: "masterclient" });
        assert.match((await reviewSelf(config)).error ?? "", /ECONNRESET|before secure TLS connection/);
        assert.deepEqual(await reviewSelf(config), { username: "masterclient" });
        const [cut, ...more] = aks.control.requests(REF);
        const { time, clientPort, ...entry } = cut ?? {};
        assert.deepEqual(entry, {
            kind: "apiServerConnection",
            cluster: REF,
            provisioningState: "Succeeded",
            method: "CONNECT",
            path: "/",
            status: 0,
        });
        assert.ok(time);
        assert.deepEqual(
            more.map(({ kind }) => kind),
            ["apiServerConnection", "apiServer"],
        );
        assert.equal(new Set([clientPort, ...more.map((one) => one.clientPort)]).size, 2, "what belongs together");
        assert.deepEqual(aks.control.cluster(REF).requests, { apiServerConnection: 2, apiServer: 1 });
        const calm = { apiServerConnection: 1, apiServer: 1 };
        assert.deepEqual(aks.control.cluster({ ...REF, name: "other" }).requests, calm);
    });

    it("are cut while the cluster is in a state only", async () => {
        inject({ type: "reset", when: "before" }, { provisioningState: "upgrading" });
        assert.deepEqual(await reviewSelf(config), { username: "masterclient" });
        aks.control.beginOperation(REF, "Upgrading", 60);
        assert.match((await reviewSelf(config)).error ?? "", /ECONNRESET|before secure TLS connection/);
    });

    it("are not struck by a fault for any kind of request", async () => {
        aks.control.addFault({ match: { cluster: "prod" }, action: { type: "answer", status: 503 } });
        assert.deepEqual(await reviewSelf(config), { status: 503 });
    });

    it("stay silent until the API server goes", async () => {
        const fault = inject({ type: "hang", when: "before" });
        const hanging = reviewSelf(config);
        await aks.control.struck(fault);
        assert.deepEqual(await reviewSelf(config), { username: "masterclient" });
        assert.equal(await Promise.race([hanging, Promise.resolve("hanging")]), "hanging");
        await aks.control.setReachable(REF, false);
        assert.match((await hanging).error ?? "", /ECONNRESET|before secure TLS connection/);
    });

    it("are accepted late", async () => {
        inject({ type: "delay", seconds: 0.1 });
        const begun = performance.now();
        assert.deepEqual(await reviewSelf(config), { username: "masterclient" });
        assert.ok(performance.now() - begun >= 95);
    });

    it("are accepted when the fault is released", async () => {
        const fault = inject({ type: "hold", when: "before" });
        const held = reviewSelf(config);
        await aks.control.struck(fault);
        assert.equal(aks.control.cluster(REF).requests.apiServer, undefined);
        aks.control.release(fault);
        assert.deepEqual(await held, { username: "masterclient" });
    });

    it("end with the local AKS, whatever a fault does to them", async () => {
        const actions: FaultAction[] = [
            { type: "hang", when: "before" },
            { type: "hold", when: "after" },
            { type: "delay", seconds: 1e9 },
        ];
        const clients: ReturnType<typeof reviewSelf>[] = [];
        for (const action of actions) {
            const fault = inject(action);
            clients.push(reviewSelf(config));
            await aks.control.struck(fault);
        }
        await aks.close();
        for (const { error } of await Promise.all(clients)) {
            assert.match(error ?? "", /ECONNRESET|before secure TLS connection/);
        }
    });

    it("cannot be struck by what needs a request", async () => {
        const impossible: FaultAction[] = [
            { type: "answer", status: 500 },
            { type: "half" },
            { type: "headers", headers: {} },
        ];
        for (const action of impossible) {
            assert.throws(() => inject(action), /reset, hang, hold, delay/);
            const body = JSON.stringify({ match: CONNECTION, action });
            const answer = await ask(aks, "POST", "/_control/faults", { body });
            assert.equal(answer.status, 400);
            assert.match(JSON.parse(answer.body ?? "").error.message, /apiServerConnection: reset, hang, hold, delay/);
        }
        assert.throws(() => inject({ type: "delay", seconds: 1 }, { userAgent: "x" }), /no User-Agent/);
        assert.deepEqual(aks.control.faults(), []);
    });
});
