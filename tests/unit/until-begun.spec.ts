import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countRepeats } from "../support/reliability-page";
import { untilBegun } from "../support/until-begun";
import { withEnvironment } from "../support/with-environment";

const lost = "errors occurred: 14 UNAVAILABLE: No connection established";

/** A run that fails with each of these in turn, then ends well. */
function failing(...messages: string[]): () => Promise<string> {
    return async () => {
        const message = messages.shift();
        if (message !== undefined) {
            throw new Error(message);
        }
        return "done";
    };
}

const asBefore = async () => ({ rotations: 1 });

describe("an up whose engine is lost", () => {
    let folder = "";
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "until-begun-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));
    const inFolder = <T>(run: () => Promise<T>) => withEnvironment({ TESTS_REPORT: folder }, run);

    it("is run again, three times at most, and counted", async () => {
        await inFolder(async () => {
            assert.equal(await untilBegun(failing(lost), asBefore), "done");
            assert.equal(await untilBegun(failing("it cannot be deleted\n because it is protected"), asBefore), "done");
            assert.equal(countRepeats(folder), 2);
            assert.equal(await untilBegun(failing(lost, lost, lost), asBefore), "done");
            await assert.rejects(untilBegun(failing(lost, lost, lost, lost), asBefore), /UNAVAILABLE/);
        });
    });

    it("is not run again where it has failed of something else, or somebody holds its processes", async () => {
        await inFolder(async () => {
            await assert.rejects(untilBegun(failing("quota"), asBefore), /quota/);
            await assert.rejects(
                untilBegun(failing(lost), asBefore, () => false),
                /UNAVAILABLE/,
            );
            assert.equal(countRepeats(folder), 0);
        });
    });

    it("fails where it has left something, as one that had begun after all", async () => {
        let rotations = 0;
        const stands = async () => ({ rotations: rotations++ });
        await inFolder(async () => {
            await assert.rejects(untilBegun(failing(lost), stands), /has not begun has left something: .*UNAVAILABLE/);
            assert.equal(countRepeats(folder), 0);
        });
    });
});
