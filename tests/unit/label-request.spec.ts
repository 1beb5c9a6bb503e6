import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { compile } from "../../bench/compile";
import { labelLine } from "../../bench/script-trial";
import { temporaryFolder } from "../../bench/temporary-folder";
import { startLocalAks } from "../../rehearsal/local-aks/local-aks";

describe("bench: the last line of the script", () => {
    it("is kubectl's where there is one, and else an equal request", () => {
        assert.equal(
            labelLine({ kubectl: "/usr/bin/kubectl", labelRequest: "/b/label-request.js" }, "shop", "mark=1"),
            "kubectl --kubeconfig kubeconfig --namespace shop label configmap settings-1 mark=1 --overwrite",
        );
        assert.equal(
            labelLine({ kubectl: undefined, labelRequest: "/b c/label-request.js" }, "shop", "mark=1"),
            `'${process.execPath}' '/b c/label-request.js' kubeconfig shop settings-1 mark=1`,
        );
    });
});

describe("bench: the equal request", () => {
    it("reaches an API server with what a kubeconfig has, and fails where it is not done", async () => {
        using compiled = await compile();
        using folder = await temporaryFolder(join(tmpdir(), "bench-label-"));
        const ref = { resourceGroup: "bench", name: "blue" };
        const aks = await startLocalAks();
        const file = join(folder.path, "kubeconfig");
        const ask = () =>
            promisify(execFile)(process.execPath, [compiled.labelRequest, file, "shop", "settings-1", "mark=1"]);
        try {
            await aks.addCluster({ ...ref, backend: "light" });
            writeFileSync(file, aks.control.kubeconfig(ref, "admin"));
            // This one has no ConfigMaps; a caller that it does not know would get a 401.
            await assert.rejects(ask, /error: the API server answered 404/);
        } finally {
            await aks.close();
        }
        await assert.rejects(ask, /error: unable to reach the API server: connect ECONNREFUSED/);
    });
});
