import assert from "node:assert/strict";
import type { RequestEntry } from "../../rehearsal/local-aks/request-log";
import { adopted } from "../support/adopted";
import { engineTimeoutMs } from "../support/tools";
import { byRotator } from "./points";
import { requestRows } from "./request-rows";
import { scenes } from "./requests";

describe("The list of disturbed requests", function () {
    this.timeout(engineTimeoutMs);
    for (const [name, options] of Object.entries(scenes)) {
        it(`names all that the rotator asks with ${name}`, async () => {
            await using scene = await adopted(options);
            scene.control.clearRequests();
            await scene.up(2);
            const own = scene.control.requests().filter(isOfRotator);
            assert.ok(own.length > 10, "the rotator is known by its User-Agent");
            const missing = own.filter((request) => !isNamed(request)).map(({ kind, path }) => `${kind} ${path}`);
            assert.deepEqual([...new Set(missing)], []);
        });
    }
});

function isOfRotator({ userAgent = "" }: RequestEntry): boolean {
    return new RegExp(byRotator.userAgent).test(userAgent);
}

function isNamed({ kind, path }: RequestEntry): boolean {
    return requestRows.some(({ match }) => match.kind === kind && new RegExp(match.path ?? "", "i").test(path));
}
