import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { setCurrentContext } from "../../cli/kubeconfig-document";
import { mergeKubeconfig, nameKubeconfig } from "../../cli/merge-kubeconfig";
import { aks, type Entry, kubelogin, lists } from "./kubeconfig-samples";

describe("merging a kubeconfig", () => {
    it("keeps comments, order and layout of all that stays", () => {
        const existing = `# At the top.
apiVersion: v1
kind: Config

clusters:
  # The old one.
  - name: prod # of the shop
    cluster:
      server: https://prod.example
      certificate-authority-data: b2xk # before
      proxy-url: http://proxy:3128
  - name: other
    cluster: {server: https://other.example}
users:
  - name: clusterUser_shop_prod
    user:
      token: b2xk
  - name: u
    user: {}
contexts:
  - name: prod
    context:
      cluster: prod
      user: clusterUser_shop_prod
      namespace: web # where I work
current-context: other
extensions: []
`;
        const { text, replaced } = mergeKubeconfig(existing, aks());
        assert.equal(
            text,
            `# At the top.
apiVersion: v1
kind: Config

clusters:
  # The old one.
  - name: prod # of the shop
    cluster:
      server: https://prod.example:443
      certificate-authority-data: bmV3 # before
      proxy-url: http://proxy:3128
  - name: other
    cluster: { server: https://other.example }
users:
  - name: clusterUser_shop_prod
    user:
      token: bmV3
      client-certificate-data: bmV3
      client-key-data: bmV3
  - name: u
    user: {}
contexts:
  - name: prod
    context:
      cluster: prod
      user: clusterUser_shop_prod
      namespace: web # where I work
current-context: prod
extensions: []
`,
        );
        assert.deepEqual(replaced, ['cluster "prod"', 'user "clusterUser_shop_prod"']);
    });

    it("takes away of the old credentials what the new ones do not have", () => {
        const old = parse(aks());
        old.users[0].user = { exec: { command: "kubelogin" }, username: "me", password: "secret" };
        old.clusters[0].cluster["insecure-skip-tls-verify"] = true;
        const merged = parse(mergeKubeconfig(stringify(old), aks()).text);
        assert.deepEqual(merged, parse(aks()));
    });

    it("begins a kubeconfig where there is none, and where its lists are empty, whatever they are", () => {
        for (const existing of ["", "# Mine.\n", "clusters: []\nusers:\ncontexts: null\n", '{"clusters": []}']) {
            const { text, context } = mergeKubeconfig(existing, aks());
            assert.equal(context, "prod");
            for (const list of lists) {
                assert.deepEqual(parse(text)[list], parse(aks())[list]);
            }
        }
        assert.ok(mergeKubeconfig("# Mine.\n", aks()).text.startsWith("# Mine.\n"));
    });

    it("leaves one entry where there were two of the same name, which kubectl refuses", () => {
        const twice = parse(aks());
        twice.users.push({ ...twice.users[0], user: { token: "other" } });
        assert.deepEqual(parse(mergeKubeconfig(stringify(twice), aks()).text), parse(aks()));
    });

    it("adds -admin to the context of an admin, as az does also after a name that ends so, and gives --context's name to context and cluster", () => {
        const names = (text: string) => {
            const { clusters, contexts, users, "current-context": current } = parse(text);
            return [clusters[0].name, contexts[0].name, contexts[0].context.cluster, users[0].name, current];
        };
        const admin = aks({ role: "Admin" });
        assert.deepEqual(names(nameKubeconfig(admin)), [
            "prod",
            "prod-admin",
            "prod",
            "clusterAdmin_shop_prod",
            "prod-admin",
        ]);
        for (const name of ["eu", "eu-admin"]) {
            const context = `${name}-admin`;
            assert.deepEqual(names(nameKubeconfig(admin, name)), [
                name,
                context,
                name,
                "clusterAdmin_shop_prod",
                context,
            ]);
        }
    });

    it("refuses a user or a context of that name that is of another API server", () => {
        const other = parse(aks({ name: "elsewhere", server: "https://elsewhere.example" }));
        other.contexts[0].context.user = "clusterUser_shop_prod";
        assert.throws(
            () => mergeKubeconfig(stringify(other), aks()),
            /a user "clusterUser_shop_prod" of another API server .*\(https:\/\/elsewhere\.example, and this is https:\/\/prod\.example:443\)/,
        );
        other.contexts[0] = { name: "prod", context: { cluster: "elsewhere", user: "x" } };
        assert.throws(() => mergeKubeconfig(stringify(other), aks()), /a context "prod" of another API server/);
        mergeKubeconfig(stringify(other), aks(), { overwrite: true });
    });

    it("keeps two clusters of one name, in groups of one name, apart by --context, users too", () => {
        const second = aks({ server: "https://second.example", ca: "c2Vj" });
        assert.throws(
            () => mergeKubeconfig(aks(), second),
            /cluster "prod" of another API server .*Give --context NAME/,
        );
        const { text, context } = mergeKubeconfig(aks(), second, { context: "prod-b" });
        const { clusters, users, contexts } = parse(text);
        assert.deepEqual(
            contexts.map(({ name, context: { cluster, user } }: Entry & { context: Record<string, string> }) => [
                name,
                clusters.find((one: Entry) => one.name === cluster).cluster.server,
                users.find((one: Entry) => one.name === user).user.token,
            ]),
            [
                ["prod", "https://prod.example:443", "bmV3"],
                ["prod-b", "https://second.example", "c2Vj"],
            ],
        );
        assert.equal(context, "prod-b");
        const again = mergeKubeconfig(text, aks({ server: "https://second.example", ca: "dGhp" }), {
            context: "prod-b",
        });
        assert.deepEqual(again.replaced, ['cluster "prod-b"', 'user "clusterUser_shop_prod_prod-b"']);
        assert.equal(parse(again.text).users[0].user.token, "bmV3");
        assert.equal(mergeKubeconfig(again.text, aks(), {}).replaced.length, 0, "the first is not disturbed");
    });

    it("keeps line breaks as they are on Windows", () => {
        const before = `# Mine.\r\n${aks({ ca: "b2xk" }).replaceAll("\n", "\r\n")}`;
        const { text } = mergeKubeconfig(before, aks());
        assert.equal(text, `# Mine.\r\n${aks().replaceAll("\n", "\r\n")}`);
        assert.equal(mergeKubeconfig("# Mine.\r\n", aks()).text.replaceAll("\r\n", "").includes("\n"), false);
    });

    it("keeps JSON as JSON, indented as it is", () => {
        for (const [indent, end] of [
            [4, "\n"],
            ["\t", ""],
            [undefined, "\n"],
        ] as const) {
            const json = (config: object) => `${JSON.stringify(config, undefined, indent)}${end}`;
            const before = {
                ...parse(aks({ ca: "b2xk" })),
                extensions: [{ name: "mine", extension: 'a "b" \u{1f600}' }],
            };
            const { text } = mergeKubeconfig(json(before), aks());
            assert.deepEqual(JSON.parse(text), { ...before, ...parse(aks()) });
            assert.equal(text, json(JSON.parse(text)));
        }
    });

    it("takes no notice of an entry that is null", () => {
        const before = "clusters:\n- null\nusers: [null]\ncontexts:\n- \n";
        const { contexts } = parse(mergeKubeconfig(before, aks()).text);
        assert.deepEqual(contexts, [null, ...parse(aks()).contexts]);
    });

    it("sets the current context alone, with comments and layout as they are", () => {
        assert.equal(
            setCurrentContext("# Mine.\ncurrent-context: a # now\n", "b"),
            "# Mine.\ncurrent-context: b # now\n",
        );
        const same = "current-context:   b\n";
        assert.equal(setCurrentContext(same, "b"), same);
    });

    it("refuses anchors by which another entry would change too", () => {
        const existing = `clusters:
- name: prod
  cluster: {server: "https://prod.example:443", certificate-authority-data: &ca b2xk}
- name: other
  cluster: {server: "https://other.example", certificate-authority-data: *ca}
contexts: []
users: []
`;
        assert.throws(() => mergeKubeconfig(existing, aks()), /anchors or aliases/);
        const gone = existing.replace(
            "users: []",
            "users: [{name: clusterUser_shop_prod, user: {password: &p b2xk}}, {name: u, user: {token: *p}}]",
        );
        assert.throws(() => mergeKubeconfig(gone.replace("*ca", "b2xk"), aks()), /anchors or aliases/);
    });

    const word = fc.constantFrom("prod", "clusterUser_shop_prod", "home", "a b", "é", "#x", "- y", "null", "1", "x: y");
    const value = fc.oneof(
        fc.string(),
        fc.boolean(),
        fc.integer(),
        fc.constant(null),
        fc.array(fc.string(), { maxLength: 2 }),
        fc.dictionary(word, fc.string(), { maxKeys: 2 }),
    );
    const list = (key: string) =>
        fc.option(
            fc.uniqueArray(
                fc.record({
                    name: word,
                    [key]: fc.dictionary(
                        fc.constantFrom("server", "tls-server-name", "token", "exec", "namespace", "extensions"),
                        value,
                    ),
                }),
                { selector: ({ name }) => name, maxLength: 5 },
            ),
            { nil: null },
        );
    const config = fc.record(
        {
            apiVersion: fc.constant("v1"),
            clusters: list("cluster"),
            users: list("user"),
            contexts: list("context"),
            "current-context": word,
            preferences: value,
            extensions: value,
        },
        { requiredKeys: ["apiVersion"] },
    );
    const written = fc
        .tuple(config, fc.boolean(), fc.boolean())
        .map(([contents, json, indented]) =>
            json ? JSON.stringify(contents) : stringify(contents, { indentSeq: indented }),
        );

    it("leaves every other entry as it is, has the new ones whole, and does so once for all", () => {
        fc.assert(
            fc.property(
                written,
                fc.constantFrom(undefined, "eu"),
                fc.constantFrom("User", "Admin"),
                fc.constantFrom(undefined, kubelogin()),
                (existing, context, role, exec) => {
                    const addition = aks({ role, exec });
                    const { text } = mergeKubeconfig(existing, addition, { context, overwrite: true });
                    const [before, after, added] = [
                        parse(existing),
                        parse(text),
                        parse(nameKubeconfig(addition, context)),
                    ];
                    for (const key of lists) {
                        const isNew = ({ name }: Entry) => added[key].some((entry: Entry) => entry.name === name);
                        assert.deepEqual(
                            after[key].filter((entry: Entry) => !isNew(entry)),
                            (before[key] ?? []).filter((entry: Entry) => !isNew(entry)),
                        );
                        const [entry] = after[key].filter(isNew);
                        const inner = key.slice(0, -1);
                        assert.deepEqual({ ...entry[inner], ...added[key][0][inner] }, entry[inner]);
                        assert.equal(after[key].filter(isNew).length, 1);
                    }
                    const rest = (config: object) => {
                        const mine = ["clusters", "users", "contexts", "current-context"];
                        return Object.entries(config).filter(([key]) => !mine.includes(key));
                    };
                    assert.deepEqual(rest(after), rest(before));
                    assert.equal(after["current-context"], added["current-context"]);
                    assert.equal(mergeKubeconfig(text, addition, { context, overwrite: true }).text, text);
                },
            ),
            { numRuns: 200 },
        );
    });
});
