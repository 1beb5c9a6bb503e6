import assert from "node:assert/strict";
import { type Connection, type Request, StatusError } from "../../rehearsal/plugins/kubernetes/connection";
import { Objects } from "../../rehearsal/plugins/kubernetes/objects";
import { change } from "../../rehearsal/plugins/kubernetes/writing";
import type { Properties } from "../../rehearsal/plugins/protocol/values";

const wanted = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "default" } };

/** An API server with one ConfigMap, which somebody else writes before each of the first `writes` JSON patches. */
function busyServer(writes: number, refuse = false): { objects: Objects; sent: Request[] } {
    const sent: Request[] = [];
    let version = 1;
    let left = writes;
    let operation = "Update";
    const live = (): Properties => ({
        ...wanted,
        metadata: {
            ...wanted.metadata,
            resourceVersion: String(version),
            managedFields: [
                { manager: "other", operation: "Update" },
                { manager: "m", operation },
            ],
        },
    });
    const send = async (request: Request): Promise<Properties> => {
        sent.push(request);
        if (request.path === "/api/v1") {
            return { resources: [{ kind: "ConfigMap", name: "configmaps", namespaced: true }] };
        }
        if (request.contentType === "application/json-patch+json") {
            version += left-- > 0 ? 1 : 0;
            const [test] = request.body as { value: string }[];
            if (refuse || test?.value !== String(version)) {
                throw new StatusError(422, "Invalid", "the server rejected our request due to an error in our request");
            }
            version++;
            operation = "Apply";
        }
        return live();
    };
    return { objects: new Objects({ send } as unknown as Connection), sent };
}

const kinds = (sent: readonly Request[]) =>
    sent.filter(({ path }) => path !== "/api/v1").map(({ method, contentType }) => contentType ?? method);

const [patch, apply] = ["application/json-patch+json", "application/apply-patch+yaml"];

describe("kubernetes stand-in: a first change", () => {
    it("takes the fields over from the one who created the object, and applies", async () => {
        const { objects, sent } = busyServer(0);
        await change(objects, wanted, { fieldManager: "m" });
        assert.deepEqual(kinds(sent), ["GET", patch, apply]);
        await change(objects, wanted, { fieldManager: "m" });
        assert.deepEqual(kinds(sent).slice(3), ["GET", apply]);
    });

    it("takes them over again where a controller has written the object meanwhile", async () => {
        const { objects, sent } = busyServer(2);
        await change(objects, wanted, { fieldManager: "m" });
        assert.deepEqual(kinds(sent), ["GET", patch, "GET", patch, "GET", patch, apply]);
    });

    it("gives up where the object is written all the time, or the server refuses for another reason", async () => {
        const busy = busyServer(Number.POSITIVE_INFINITY);
        await assert.rejects(change(busy.objects, wanted, { fieldManager: "m" }), StatusError);
        assert.equal(kinds(busy.sent).filter((kind) => kind === patch).length, 5);
        const refusing = busyServer(0, true);
        await assert.rejects(change(refusing.objects, wanted, { fieldManager: "m" }), StatusError);
        assert.deepEqual(kinds(refusing.sent), ["GET", patch, "GET"]);
    });
});
