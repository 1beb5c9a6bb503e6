import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Clock } from "../../rehearsal/local-aks/clock";
import { Faults } from "../../rehearsal/local-aks/faults";
import { inject } from "../../rehearsal/local-aks/inject";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken, ask } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };
const ROTATION = { kind: "rotateClusterCertificates" } as const;

describe("local AKS: requests that are held", () => {
    let aks: LocalAks;
    let token: string;
    let cluster: string;
    const post = () => ask(aks, "POST", `${cluster}/rotateClusterCertificates?api-version=1`, { token });
    const started = () => aks.control.cluster(REF).rotations.started;
    const hold = (when: "before" | "after", match: object = ROTATION, count = 1) =>
        aks.control.addFault({ match, action: { type: "hold", when }, count });

    beforeEach(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.01 });
        await aks.addCluster({ ...REF, backend: "light" });
        token = await accessToken(aks);
        cluster = aks.control.cluster(REF).id;
    });
    afterEach(() => aks.close());

    it("waits before the request is handled", async () => {
        const fault = hold("before");
        const answer = post();
        await aks.control.struck(fault);
        assert.equal((await ask(aks, "GET", `${cluster}?api-version=1`, { token })).status, 200);
        assert.equal(started(), 0);
        aks.control.release(fault);
        assert.equal((await answer).status, 202);
        assert.equal(started(), 1);
        assert.deepEqual(aks.control.faults(), []);
    });

    it("keeps an answer back until the fault is released, with a body or without", async () => {
        const fault = hold("after");
        const answer = post();
        await aks.control.struck(fault);
        assert.equal(started(), 1, "the request is handled when struck() settles");
        assert.equal(aks.control.requests().at(-1)?.status, 0);
        assert.equal(await Promise.race([answer, Promise.resolve("held")]), "held");
        aks.control.release(fault);
        const { status, headers } = await answer;
        assert.equal(status, 202);
        const get = hold("after", { kind: "getCluster" });
        const body = ask(aks, "GET", `${cluster}?api-version=1`, { token });
        await aks.control.struck(get);
        aks.control.release(get);
        assert.equal(JSON.parse((await body).body ?? "").name, "prod");
        await aks.control.waitUntilIdle(REF);
        const result = hold("after", { kind: "operationResult" });
        const empty = ask(aks, "GET", String(headers?.location).slice(aks.url.length), { token });
        await aks.control.struck(result);
        aks.control.release(result);
        assert.deepEqual(await empty.then(({ status, body }) => [status, body]), [204, ""]);
    });

    it("lets go on when the fault is removed, or all are", async () => {
        for (const end of [aks.control.removeFault, () => aks.control.clearFaults()]) {
            const fault = hold("before", { kind: "getCluster" });
            const answer = ask(aks, "GET", `${cluster}?api-version=1`, { token });
            await aks.control.struck(fault);
            end(fault);
            assert.equal((await answer).status, 200);
        }
    });

    it("tells when a fault has struck, and that it cannot any more", async () => {
        const get = () => ask(aks, "GET", `${cluster}?api-version=1`, { token });
        const action = { type: "answer", status: 500 } as const;
        const fault = aks.control.addFault({ match: { kind: "getCluster" }, action, count: 0 });
        const twice = aks.control.struck(fault, 2);
        const often = aks.control.struck(fault, 9);
        await get();
        await aks.control.struck(fault);
        assert.equal(await Promise.race([twice, Promise.resolve("once")]), "once");
        await get();
        await twice;
        aks.control.removeFault(fault);
        await aks.control.struck(fault, 2);
        await assert.rejects(often, {
            status: 404,
            message: `There is no fault ${fault}, or no longer, and it did not strike so often.`,
        });
        await assert.rejects(aks.control.struck(fault, 3), { status: 404 });
        await assert.rejects(aks.control.struck(12345), { status: 404 });
    });

    it("is controlled over HTTP too", async () => {
        const control = (method: string, path: string, body?: object) =>
            ask(aks, method, `/_control/faults${path}`, { body: body && JSON.stringify(body) });
        const added = await control("POST", "", { match: ROTATION, action: { type: "hold", when: "before" } });
        const { id } = JSON.parse(added.body ?? "");
        const struck = control("GET", `/${id}/struck`);
        const answer = post();
        assert.equal((await struck).status, 204);
        assert.equal((await control("POST", `/${id}/release`)).status, 204);
        assert.equal((await answer).status, 202);
        assert.equal((await control("GET", `/${id}/struck?hits=2`)).status, 404);
        assert.equal((await control("GET", `/${id}/struck?hits=many`)).status, 400);
    });

    it("does not keep the local AKS from closing", async () => {
        const before = hold("before", { kind: "getCluster" });
        const after = hold("after");
        const held = [ask(aks, "GET", `${cluster}?api-version=1`, { token }), post()];
        await Promise.all([aks.control.struck(before), aks.control.struck(after)]);
        const late = aks.control.struck(after, 2);
        await aks.close();
        for (const { error } of await Promise.all(held)) {
            assert.match(error ?? "", /hang up|ECONNRESET/);
        }
        await assert.rejects(late, { status: 404 });
    });

    for (const when of ["before", "after"] as const) {
        it(`drops a request whose client has gone, held ${when} it was handled`, async () => {
            const faults = new Faults();
            const id = faults.add({ match: {}, action: { type: "hold", when } });
            let handled = 0;
            const leaving = new EventEmitter();
            const gone = once(leaving, "gone");
            const server = createServer((incoming, response) => {
                const strike = faults.strike({ kind: "other", method: "GET", path: "/" });
                assert.ok(strike);
                const handle = () => {
                    handled += 1;
                    response.end("handled");
                };
                inject(strike, incoming, response, handle, new Clock());
                response.once("close", () => leaving.emit("gone"));
            }).listen(0, "127.0.0.1");
            await once(server, "listening");
            const client = request({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
            client.on("error", () => undefined);
            client.end();
            await faults.struck(id, 1);
            client.destroy();
            await gone;
            faults.remove(id);
            assert.equal(handled, when === "before" ? 0 : 1);
            server.close();
            await once(server, "close");
        });
    }
});
