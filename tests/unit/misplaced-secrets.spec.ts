import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken, ask, send, signIn } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };

describe("local AKS: a secret in a request", () => {
    let aks: LocalAks;
    let token = "";
    let clusters = "";

    before(async () => {
        aks = await startLocalAks();
        await aks.addCluster({ ...REF, backend: "light" });
        token = await accessToken(aks);
        clusters = aks.control.cluster(REF).id;
    });
    after(() => aks.close());
    beforeEach(() => aks.control.clearRequests());

    // A connection has no words of its own.
    const leaks = () =>
        aks.control.requests().flatMap((entry) => (entry.kind === "apiServerConnection" ? [] : [entry.leaks]));

    it("that belongs there is not told: a token that authorises, a proof at sign-in, a token beside a command", async () => {
        await signIn(aks);
        await ask(aks, "GET", `${clusters}?api-version=1`, { token });
        await ask(aks, "POST", `${clusters}/runCommand?api-version=1`, {
            token,
            body: JSON.stringify({ command: "true", clusterToken: token }),
        });
        assert.deepEqual(leaks(), [undefined, undefined, undefined]);
    });

    it("that does not is told with its place: query, path, header, body", async () => {
        const secret = aks.environment.ARM_CLIENT_SECRET ?? "";
        const odd = { method: "GET", ca: readFileSync(aks.caFile), headers: { "x-trace": `at ${secret}` } };
        await ask(aks, "GET", `${clusters}?api-version=1&token=${token}`, { token });
        await ask(aks, "GET", `${clusters}/${encodeURIComponent(secret)}`, { token });
        await send(`${aks.url}${clusters}`, odd);
        await ask(aks, "POST", `${clusters}/listClusterUserCredential?api-version=1`, {
            token,
            body: JSON.stringify({ hint: secret }),
        });
        assert.deepEqual(leaks(), [["query"], ["path"], ["x-trace"], ["body"]]);
    });

    it("is told in the authorisation of a question that needs none, and to a fault that swallows the request", async () => {
        await ask(aks, "GET", "/metadata/endpoints?api-version=2022-09-01", { token });
        aks.control.addFault({ match: { kind: "getCluster" }, action: { type: "reset", when: "before" } });
        await ask(aks, "GET", `${clusters}?token=${token}`);
        assert.deepEqual(leaks(), [["authorization"], ["query"]]);
    });

    it("is told where an API server has it: its bodies and headers, but not what authorises", async () => {
        const { server } = aks.control.cluster(REF);
        const options = { rejectUnauthorized: false, method: "POST", headers: { authorization: `Bearer ${token}` } };
        await send(`${server}/version`, options, "{}");
        await send(`${server}/version`, options, JSON.stringify({ token }));
        assert.deepEqual(leaks(), [undefined, ["body"]]);
    });

    it("is found by its half too, as a form of its own, and nothing else is", async () => {
        const [, , signature] = token.split(".");
        await ask(aks, "GET", `/subscriptions?x=${signature}`, { token });
        await ask(aks, "GET", `/subscriptions?x=${token.slice(0, 40)}`, { token });
        assert.deepEqual(leaks(), [["query"], undefined]);
    });
});
