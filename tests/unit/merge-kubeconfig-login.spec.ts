import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import type { LoginMethod } from "../../cli/kubelogin";
import { mergeKubeconfig, nameKubeconfig } from "../../cli/merge-kubeconfig";
import { aks, deviceCode, fromAks, kubelogin, serverId } from "./kubeconfig-samples";

describe("merging a kubeconfig that a user has changed", () => {
    it("keeps what kubelogin convert-kubeconfig has made of a user, for the same application and tenant", () => {
        const conversions = [
            ["get-token", "--login", "azurecli", "--server-id", serverId],
            ["get-token", "--login", "msi", "--server-id", serverId, "--client-id", "mine"],
            ["get-token", "-l", "workloadidentity", `--server-id=${serverId}`],
            ["get-token", "--login", "spn", "--server-id", serverId, "--tenant-id", "t", "--client-id", "mine"],
        ];
        for (const args of conversions) {
            const mine = { ...kubelogin(args), command: "/opt/bin/kubelogin", env: [{ name: "A", value: "b" }] };
            const before = aks({ exec: mine, ca: "b2xk" }).replace("get-token", "get-token # mine");
            const { text, replaced } = mergeKubeconfig(before, aks({ exec: kubelogin() }));
            assert.deepEqual(parse(text).users[0].user.exec, mine);
            assert.ok(text.includes("get-token # mine"), "comments too");
            assert.deepEqual(replaced, ['cluster "prod"']);
        }
        const others = [
            ["get-token", "--login", "azurecli", "--server-id", "another"],
            ["get-token", "--login", "spn", "--server-id", serverId, "--tenant-id", "another"],
            ["get-token", "--login", "azurecli"],
        ];
        for (const args of others) {
            const { text, login } = mergeKubeconfig(aks({ exec: kubelogin(args) }), aks({ exec: kubelogin() }));
            assert.deepEqual([parse(text).users[0].user.exec.args, login], [deviceCode, "devicecode"]);
        }
        const another = { ...kubelogin(["token"]), command: "another" };
        const both = mergeKubeconfig(aks({ exec: another }), aks({ exec: kubelogin(["get-token"]) }));
        assert.equal(
            parse(both.text).users[0].user.exec.command,
            "kubelogin",
            "an application that none of them names",
        );
        const { text, login } = mergeKubeconfig(aks({ exec: kubelogin(conversions[0]) }), aks());
        assert.deepEqual(
            [parse(text).users[0], login],
            [parse(aks()).users[0], undefined],
            "a local account has no exec",
        );
    });

    it("sets how kubelogin signs in, as kubelogin convert-kubeconfig does, and keeps what is so already", () => {
        const server = ["--server-id", serverId];
        const args = (login: LoginMethod, before = "") => {
            const merged = mergeKubeconfig(before, aks({ exec: kubelogin() }), { login });
            assert.equal(merged.login, login);
            return parse(merged.text).users[0].user.exec.args;
        };
        for (const login of ["azurecli", "azd", "azurepipelines", "msi", "workloadidentity"] as const) {
            assert.deepEqual(args(login), ["get-token", "--login", login, ...server]);
        }
        for (const login of ["spn", "interactive", "ropc"] as const) {
            assert.deepEqual(args(login), ["get-token", "--login", login, ...server, ...fromAks]);
        }
        assert.deepEqual(args("devicecode"), deviceCode);
        const mine = ["get-token", "--login", "msi", ...server, "--client-id", "mine"];
        assert.deepEqual(args("msi", aks({ exec: kubelogin(mine) })), mine);
        assert.deepEqual(args("azurecli", aks({ exec: kubelogin(mine) })), [
            "get-token",
            "--login",
            "azurecli",
            ...server,
        ]);
        assert.deepEqual(parse(nameKubeconfig(aks({ exec: kubelogin() }), undefined, "msi")).users[0].user.exec.args, [
            "get-token",
            "--login",
            "msi",
            ...server,
        ]);
        for (const merge of [
            mergeKubeconfig,
            (_: string, addition: string) => nameKubeconfig(addition, undefined, "msi"),
        ]) {
            assert.throws(() => merge("", aks(), { login: "msi" }), /needs no kubelogin: leave it out/);
        }
    });

    it("keeps the address of a tunnel to the API server, and replaces the CA and the credentials", () => {
        for (const [server, name] of [
            ["https://localhost:8443", "prod.example"],
            ["https://127.0.0.1:8443", "PROD.example"],
            ["https://10.1.2.3", "prod.example"],
        ]) {
            const before = parse(aks({ ca: "b2xk", server: server as string }));
            Object.assign(before.clusters[0].cluster, { "tls-server-name": name, "proxy-url": "http://p:3128" });
            const { text, replaced } = mergeKubeconfig(stringify(before), aks());
            const after = parse(text);
            assert.deepEqual(after.clusters[0].cluster, {
                "certificate-authority-data": "bmV3",
                server,
                "tls-server-name": name,
                "proxy-url": "http://p:3128",
            });
            assert.deepEqual(after.users, parse(aks()).users);
            assert.deepEqual(replaced, ['cluster "prod"', 'user "clusterUser_shop_prod"']);
        }
        const elsewhere = parse(aks({ server: "https://localhost:8443" }));
        assert.throws(() => mergeKubeconfig(stringify(elsewhere), aks()), /cluster "prod" of another API server/);
        elsewhere.clusters[0].cluster["tls-server-name"] = "another.example";
        assert.throws(() => mergeKubeconfig(stringify(elsewhere), aks()), /cluster "prod" of another API server/);
        const replaced = parse(mergeKubeconfig(stringify(elsewhere), aks(), { overwrite: true }).text);
        assert.deepEqual(replaced.clusters, parse(aks()).clusters, "a name of another server does not stay");
    });

    it("shadows no entry of another API server in another file of the kubeconfig", () => {
        const elsewhere = aks({ server: "https://elsewhere.example" });
        assert.throws(
            () => mergeKubeconfig("", aks(), { others: [elsewhere] }),
            /cluster "prod" of another API server/,
        );
        const { text } = mergeKubeconfig("", aks(), { others: [elsewhere], context: "eu" });
        assert.deepEqual(parse(text).users[0].name, "clusterUser_shop_prod_eu");
        assert.doesNotThrow(() => mergeKubeconfig("", aks(), { others: [aks()] }));
    });
});
