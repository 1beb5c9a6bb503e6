import assert from "node:assert/strict";
import type { Fault } from "../../rehearsal/local-aks/fault";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken, ask, caOf, reviewSelf, send } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };
const ABOUT = { resourceGroup: "SHOP", cluster: "Prod" };

describe("local AKS: faults", () => {
    let aks: LocalAks;
    let token: string;
    let cluster: string;
    const get = () => ask(aks, "GET", `${cluster}?api-version=1`, { token });
    const rotate = () => ask(aks, "POST", `${cluster}/rotateClusterCertificates?api-version=1`, { token });

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.05 });
        await aks.addCluster({ ...REF, backend: "light" });
        token = await accessToken(aks);
        cluster = aks.control.cluster(REF).id;
    });
    after(() => aks.close());
    afterEach(async () => {
        aks.control.clearFaults();
        await aks.control.waitUntilIdle(REF);
    });

    function inject(
        action: Fault["action"],
        match: Fault["match"] = { kind: "getCluster" },
        more: Partial<Fault> = {},
    ) {
        aks.control.addFault({ match, action, ...more });
    }

    it("answers as it is told, so many times, then as usual", async () => {
        inject({ type: "answer", status: 429, retryAfterSeconds: 3 }, { kind: "getCluster" }, { skip: 1, count: 2 });
        const answers = [await get(), await get(), await get(), await get()];
        assert.deepEqual(
            answers.map(({ status }) => status),
            [200, 429, 429, 200],
        );
        assert.equal(answers[1]?.headers?.["retry-after"], "3");
        assert.equal(JSON.parse(answers[1]?.body ?? "").error.code, "TooManyRequests");
        assert.deepEqual(
            aks.control.faults().map(({ hits }) => hits),
            [2],
        );
    });

    it("answers as a proxy would: the body as it is given, and none of Azure's headers", async () => {
        const body = "<html></html>";
        for (const when of ["before", "after"] as const) {
            aks.control.addFault({
                match: { kind: "getCluster" },
                action: { type: "answer", when, status: 200, body },
            });
            const answer = await get();
            assert.deepEqual([answer.status, answer.body], [200, body]);
            assert.match(String(answer.headers?.["content-type"]), /^text\/html/);
            const own = Object.keys(answer.headers ?? {}).filter((name) => name.startsWith("x-ms-"));
            assert.deepEqual(own, []);
        }
        aks.control.addFault({ match: { kind: "getCluster" }, action: { type: "answer", status: 204, body: "" } });
        assert.equal((await get()).status, 204);
    });

    it("gives Retry-After as a date", async () => {
        inject({ type: "answer", status: 503, retryAfterSeconds: 60, retryAfterAsDate: true });
        const { headers } = await get();
        const seconds = (Date.parse(String(headers?.["retry-after"])) - Date.now()) / 1000;
        assert.ok(seconds > 50 && seconds <= 61, `${seconds}`);
    });

    it("cuts the connection before a rotation is begun, or after", async () => {
        const started = () => aks.control.cluster(REF).rotations.started;
        const { started: before } = aks.control.cluster(REF).rotations;
        inject({ type: "reset", when: "before" }, { kind: "rotateClusterCertificates" });
        assert.match((await rotate()).error ?? "", /hang up|ECONNRESET/);
        assert.equal(started(), before);
        inject({ type: "reset", when: "after" }, { kind: "rotateClusterCertificates" });
        assert.match((await rotate()).error ?? "", /hang up|ECONNRESET/);
        assert.equal(started(), before + 1);
    });

    it("sends half of an answer", async () => {
        inject({ type: "half" });
        assert.match((await get()).error ?? "", /aborted|ECONNRESET/);
        assert.equal((await get()).status, 200);
    });

    it("ends half way as if that were all", async () => {
        const whole = (await get()).body ?? "";
        inject({ type: "half", cleanly: true });
        const { status, error, body = "" } = await get();
        assert.deepEqual([status, error], [200, undefined]);
        assert.ok(whole.startsWith(body.slice(0, 20)) && body.length < whole.length && body.length > 0);
    });

    it("sends half of the head where an answer has no body", async () => {
        inject({ type: "half" }, { kind: "rotateClusterCertificates" });
        assert.match((await rotate()).error ?? "", /hang up|ECONNRESET/);
        await aks.control.waitUntilIdle(REF);
        inject({ type: "half", cleanly: true }, { kind: "rotateClusterCertificates" });
        const { status, headers } = await rotate();
        assert.deepEqual([status, headers?.["azure-asyncoperation"], headers?.location], [202, undefined, undefined]);
    });

    it("answers as it is told, though the request was handled", async () => {
        const { started } = aks.control.cluster(REF).rotations;
        inject({ type: "answer", status: 503, when: "after" }, { kind: "rotateClusterCertificates" });
        const { status, headers, body } = await rotate();
        assert.deepEqual([status, headers?.location], [503, undefined]);
        assert.equal(JSON.parse(body ?? "").error.code, "ServiceUnavailable");
        assert.equal(aks.control.cluster(REF).rotations.started, started + 1);
    });

    it("never answers, or late", async () => {
        inject({ type: "hang", when: "before" });
        const hanging = get();
        assert.equal((await get()).status, 200);
        assert.equal(await Promise.race([hanging, Promise.resolve("still hanging")]), "still hanging");
        inject({ type: "delay", seconds: 0.2 });
        const begun = performance.now();
        assert.equal((await get()).status, 200);
        assert.ok(performance.now() - begun >= 190);
    });

    it("replaces headers of an answer that is otherwise true", async () => {
        const elsewhere = "https://example.com/stolen";
        inject(
            { type: "headers", headers: { location: elsewhere, "azure-asyncoperation": null } },
            { method: "post", path: "rotateCluster" },
        );
        const { status, headers } = await rotate();
        assert.deepEqual([status, headers?.location, headers?.["azure-asyncoperation"]], [202, elsewhere, undefined]);
    });

    it("strikes the requests of one client only", async () => {
        const userAgent = "^azsdk-js.*ROTATOR";
        inject({ type: "answer", status: 500 }, { kind: "getCluster", userAgent }, { count: 0 });
        const as = async (name?: string) => {
            const options = { token, ...(name && { userAgent: name }) };
            return (await ask(aks, "GET", `${cluster}?api-version=1`, options)).status;
        };
        assert.deepEqual(
            [await as("azsdk-js-arm/25 rotator/1"), await as("pulumi-azure-native"), await as()],
            [500, 200, 200],
        );
        const pattern = { match: { userAgent: "(" }, action: { type: "half" } } as const;
        assert.throws(() => aks.control.addFault(pattern), SyntaxError);
        const { status } = await ask(aks, "POST", "/_control/faults", { body: JSON.stringify(pattern) });
        assert.equal(status, 400);
    });

    it("says 404 for an operation that runs, at either of its addresses", async () => {
        const { headers } = await rotate();
        for (const [kind, header] of [
            ["operation", "azure-asyncoperation"] as const,
            ["operationResult", "location"] as const,
        ]) {
            inject({ type: "answer", status: 404 }, { kind, ...ABOUT });
            const path = String(headers?.[header]).slice(aks.url.length);
            const struck = await ask(aks, "GET", path, { token });
            assert.deepEqual([struck.status, JSON.parse(struck.body ?? "").error.code], [404, "ResourceNotFound"]);
            assert.notEqual((await ask(aks, "GET", path, { token })).status, 404);
        }
    });

    it("strikes the light API server too, of one cluster only", async () => {
        await aks.addCluster({ ...REF, name: "other", backend: "light" });
        const about = { kind: "apiServer" as const, cluster: "prod" };
        inject({ type: "answer", status: 500 }, about);
        inject({ type: "half" }, about);
        inject({ type: "headers", headers: { "x-test": "1" } }, about);
        const credentials = async (id: string) => {
            const { body } = await ask(aks, "POST", `${id}/listClusterUserCredential?api-version=1`, { token });
            return Buffer.from(JSON.parse(body ?? "").kubeconfigs[0].value, "base64").toString("utf8");
        };
        const [prod, other] = [await credentials(cluster), await credentials(`${cluster.slice(0, -4)}other`)];
        assert.deepEqual(await reviewSelf(other), { username: "masterclient" });
        assert.deepEqual(await reviewSelf(prod), { status: 500 });
        assert.match((await reviewSelf(prod)).error ?? "", /aborted|ECONNRESET/);
        const { server, ca, token: bearer } = caOf(prod);
        const answer = await send(`${server}/readyz`, { ca, headers: { authorization: `Bearer ${bearer}` } });
        assert.deepEqual([answer.status, answer.body, answer.headers?.["x-test"]], [200, "ok", "1"]);
    });
});
