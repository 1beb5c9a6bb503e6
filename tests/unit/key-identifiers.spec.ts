import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { certificatesIn, fingerprintsOf, isSigned } from "../../formats/certificate";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { Authority } from "../../rehearsal/local-aks/certificates";
import { Clock } from "../../rehearsal/local-aks/clock";
import { shakeHands } from "../../rotator/api-server";
import { drive } from "../../rotator/drive";
import { RealSight } from "../../rotator/real-sight";
import { verifyRotation } from "../../rotator/verify";
import { hurried, signal } from "../support/cluster-fixture";

const clock = new Clock();
const day = 24 * 3600;

/** As AKS names every CA of its, the one before a rotation and the one after it. */
const authority = (keyIdentifiers: boolean) =>
    Authority.create({ commonName: "ca", validSeconds: day, keyIdentifiers }, clock);

const names = [{ type: "ip", value: "127.0.0.1" } as const];

/** An API server that knows everybody, and sends its own certificate alone, as kube-apiserver does. */
async function apiServer(ca: Authority) {
    const { certificate: cert, key } = await ca.issue({ commonName: "apiserver", validSeconds: day, names }, "server");
    const review = { kind: "SelfSubjectReview", status: { userInfo: { username: "somebody" } } };
    const server = createServer({ cert, key }, (_request, response) =>
        response.writeHead(201).end(JSON.stringify(review)),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, [Symbol.dispose]: () => server.close() };
}

const unasked = () => assert.fail("nobody should ask");

function credentials(url: string, { identity }: Authority): Kubeconfig {
    const ca = certificatesIn(identity.certificate);
    return { server: url, caCertificate: identity.certificate, caFingerprints: fingerprintsOf(ca), ca, token: "t" };
}

describe("a cluster that was rotated, whose CA has the same name as before", () => {
    // Where a certificate names its CA's key by an identifier, Node.js looks for that one; else it takes any of the name.
    for (const [what, before, after] of [
        ["both CAs have key identifiers", true, true],
        ["the old CA has none, as AKS's of 2020", false, true],
        ["neither has", false, false],
    ] as const) {
        it(`is seen to be so: ${what}`, async () => {
            const [old, now] = [await authority(before), await authority(after)];
            using server = await apiServer(now);
            const [stale, fresh] = [credentials(server.url, old), credentials(server.url, now)];

            const byOld = await shakeHands(fresh, stale.caCertificate, signal());
            assert.deepEqual([byOld.trusted, byOld.signed], [false, false]);
            const byNew = await shakeHands(fresh, fresh.caCertificate, signal());
            assert.deepEqual([byNew.trusted, byNew.signed], [true, true]);

            const sight = new RealSight({ look: unasked, credentials: unasked }, assert.fail);
            assert.equal(await drive(sight.apiServer(stale, 20_000)), "anotherCa", "to which a rotation is not added");
            assert.equal(await drive(sight.apiServer(fresh, 20_000)), "sameCa");

            const question = { caCertificate: stale.caCertificate, credentials: undefined };
            const { verified } = await verifyRotation(fresh, question, unasked, signal(), { clock: hurried });
            assert.ok(verified.includes("oldCaRefused"), String(verified));
        });
    }
});

describe("a certificate is signed", () => {
    it("by an authority, through those between that have signed each other, and by no other", async () => {
        const [root, other] = await Promise.all([authority(false), authority(false)]);
        const leaf = await root.issue({ commonName: "server", validSeconds: day }, "server");
        const [own, ca, stranger] = [leaf, root.identity, other.identity].map(
            ({ certificate }) => certificatesIn(certificate)[0] ?? assert.fail("no certificate"),
        ) as [never, never, never];
        assert.equal(isSigned([own], [ca]), true);
        assert.equal(isSigned([own], [stranger, ca]), true);
        assert.equal(isSigned([own, ca], [ca]), true);
        assert.equal(isSigned([own], [stranger]), false);
        assert.equal(isSigned([own, stranger], [stranger]), false, "a chain that only names it");
        assert.equal(isSigned([own, ca, stranger], [stranger]), false);
        assert.equal(isSigned([], [ca]), false);
    });
});
