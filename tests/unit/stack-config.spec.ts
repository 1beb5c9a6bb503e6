import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { configKeys, readStackConfig, type StackConfig } from "../../components/stack-config";

const group = { resourceGroupName: "group" };
const one = { ...group, clusterName: "blue", rotationGeneration: "3" };
const clusterId =
    "/subscriptions/0000-1/resourceGroups/group/providers/Microsoft.ContainerService/managedClusters/Blue";

/** Reads a stack's config that has these keys, as `pulumi.Config` gives them: all text, a list as JSON. */
function read(values: Record<string, unknown>): StackConfig {
    const texts = Object.entries(values).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const config: Record<string, string> = Object.fromEntries(texts);
    return readStackConfig({ get: (key: string) => config[key] }, Object.keys(config));
}

/** The lines of the error with which reading fails, without the first one. */
function problems(values: Record<string, unknown>): string[] {
    try {
        read(values);
    } catch (error) {
        assert.ok(pulumi.RunError.isInstance(error), `a stack trace is printed of ${error}`);
        const [first, ...lines] = (error as Error).message.split("\n");
        assert.equal(first, "The stack's config is not complete or not right:");
        return lines.map((line) => line.replace(/^ {2}/, ""));
    }
    throw new Error("the config was expected to be refused");
}

describe("the stack's config", () => {
    it("names one cluster", () => {
        assert.deepEqual(read(one), {
            clusters: [
                {
                    name: "blue",
                    resourceGroupName: "group",
                    clusterName: "blue",
                    rotationGeneration: 3,
                    writeRecord: true,
                    recordNamespace: "default",
                },
            ],
            isList: false,
        });
    });

    it("names a list of clusters, to which the top level gives the defaults", () => {
        const clusters = [{ clusterName: "blue" }, { clusterName: "green", rotationGeneration: 7 }];
        const { clusters: found, isList } = read({ ...group, rotationGeneration: "3", writeRecord: "false", clusters });
        assert.equal(isList, true);
        assert.deepEqual(
            found.map(({ name, rotationGeneration, writeRecord }) => [name, rotationGeneration, writeRecord]),
            [
                ["blue", 3, false],
                ["green", 7, false],
            ],
        );
    });

    it("names a cluster by its id, in place of the names", () => {
        const [cluster] = read({ clusterId, rotationGeneration: "1", verifyThrough: "runCommand" }).clusters;
        assert.deepEqual(cluster, {
            name: "Blue",
            clusterId,
            rotationGeneration: 1,
            verifyThrough: "runCommand",
            writeRecord: true,
            recordNamespace: "default",
        });
    });

    it("reads a value in a list as it does at the top level, quoted or not", () => {
        const values: [key: string, text: string, unquoted: unknown][] = [
            ["rotationGeneration", "2", 2],
            ["rotationGeneration", "two", "two"],
            ["rotationGeneration", "1.5", 1.5],
            ["rotationGeneration", "-1", -1],
            ["rotationGeneration", "", null],
            ["writeRecord", "false", false],
            ["writeRecord", "off", "off"],
            ["clusterName", "2024", 2024],
            ["clusterName", "true", true],
            ["timeout", "90", 90],
            ["verify", "false", false],
            ["verify", "", null],
            ["name", "83", 83],
        ];
        const outcome = (act: () => StackConfig | string[]) => {
            try {
                return act();
            } catch (error) {
                return (error as Error).message.replaceAll("clusters[0].", "");
            }
        };
        for (const [key, text, unquoted] of values) {
            const top = outcome(() => read({ ...one, [key]: text }).clusters as never);
            for (const inList of [text, unquoted]) {
                const item = { ...one, [key]: inList };
                assert.deepEqual(
                    outcome(() => read({ clusters: [item] }).clusters as never),
                    top,
                    `${key}: ${text}`,
                );
            }
        }
    });

    for (const [file, names] of [
        ["Pulumi.example.yaml", ["my-cluster"]],
        ["Pulumi.example-fleet.yaml", ["blue", "green"]],
    ] as const) {
        it(`is right in stacks/${file}`, () => {
            const { config } = parse(readFileSync(join(__dirname, "..", "..", "stacks", file), "utf8"));
            const keys = Object.entries(config).map(([key, value]) => [
                key.replace("aks-certificate-rotation:", ""),
                value,
            ]);
            const { clusters, isList } = read(Object.fromEntries(keys));
            assert.deepEqual([clusters.map(({ name }) => name), isList], [names, names.length > 1]);
        });
    }

    it("can leave the keys that a program has for itself", () => {
        const config: Record<string, string> = { ...one, currency: "EUR" };
        assert.equal(readStackConfig({ get: (key) => config[key] }).clusters.length, 1);
    });
});

describe("the stack's config is refused, with every reason at once, where", () => {
    it("a key is missing, with the command that sets it", () => {
        assert.deepEqual(problems({ clusterName: "blue" }), [
            "resourceGroupName is missing: pulumi config set resourceGroupName <resourceGroupName>",
            "rotationGeneration is missing: pulumi config set rotationGeneration 1",
        ]);
        assert.deepEqual(problems({ clusters: [{ clusterName: "blue" }, { ...one, name: "green" }] }), [
            "clusters[0].resourceGroupName is missing: set it there, or for all of the list: pulumi config set resourceGroupName <resourceGroupName>",
            "clusters[0].rotationGeneration is missing: set it there, or for all of the list: pulumi config set rotationGeneration 1",
        ]);
    });

    it("there is no such key, at the top level as in a list, with the nearest one", () => {
        assert.deepEqual(problems({ ...one, rotationGenration: "2", timout: "5m", region: "westeurope" }), [
            "rotationGenration: there is no such key. Did you mean rotationGeneration? (pulumi config rm rotationGenration)",
            "timout: there is no such key. Did you mean timeout? (pulumi config rm timout)",
            "region: there is no such key. There are clusterId, resourceGroupName, clusterName, rotationGeneration, " +
                "subscriptionId, credentials, format, serverFqdn, verify, preflight, verifyThrough, serverApplicationId, " +
                "recordNamespace, timeout, settleTimeout, name, formerName, writeRecord, clusters. (pulumi config rm region)",
        ]);
        const [first, second, ...rest] = problems({
            clusters: [{ ...one, rotationGenration: 2, region: "x", constructor: 1 }],
        });
        assert.equal(first, "clusters[0].rotationGenration: there is no such key. Did you mean rotationGeneration?");
        assert.match(second ?? "", /^clusters\[0\]\.region: there is no such key\. There are .*writeRecord\.$/);
        assert.match(rest.join("\n"), /^clusters\[0\]\.constructor: there is no such key\. There are .*writeRecord\.$/);
        assert.match(problems({ ...one, cluster: "[]" }).join(), /^cluster: .*Did you mean clusters\?/);
    });

    it("a value is empty", () => {
        const says = {
            resourceGroupName: /^resourceGroupName is "", but must be a name\.$/,
            clusterName: /^clusterName is "", but must be a name\.$/,
            name: /^name is "", but must be a name\.$/,
            formerName: /^formerName is "", but must be a name\.$/,
            rotationGeneration: /^rotationGeneration is "", but must be a whole number, 0 or more\./,
            subscriptionId: /^subscriptionId is "", but must be the id of an Azure subscription/,
            credentials: /^credentials is "", but must be one of user, admin\.$/,
            format: /^format is "", but must be one of exec, azure\.$/,
            serverFqdn: /^serverFqdn is "", but must be one of public, private\.$/,
            verify: /^verify is "", but must be one of required, bestEffort, off\.$/,
            preflight: /^preflight is "", but must be one of required, warn, off\.$/,
            verifyThrough: /^verifyThrough is "", but must be one of direct, runCommand\.$/,
            serverApplicationId: /^serverApplicationId is "", but must be the id of an application/,
            recordNamespace: /^recordNamespace is "", but must be the name of a Kubernetes namespace/,
            timeout: /^timeout is "", but must be a duration such as "60m"/,
            settleTimeout: /^settleTimeout is "", but must be a duration such as "60m"/,
            writeRecord: /^writeRecord is "", but must be true or false\.$/,
        };
        for (const [key, says_] of Object.entries(says)) {
            const top = problems({ ...one, [key]: "" });
            assert.equal(top.length, 1, top.join("\n"));
            assert.match(top[0] ?? "", says_);
            assert.deepEqual(problems({ clusters: [{ ...one, [key]: "" }] }), [`clusters[0].${top[0]}`]);
        }
        assert.match(
            problems({ clusterId: "", rotationGeneration: "1" }).join(),
            /^clusterId: "" is no ARM id\. .*give an id such as \//,
        );
        assert.match(
            problems({ ...one, clusters: "" }).join(),
            /^clusters must be a list of clusters, with at least one\.$/,
        );
    });

    it("a value is of a wrong kind, or not one of a few words", () => {
        assert.deepEqual(problems({ ...one, rotationGeneration: "two", writeRecord: "perhaps", verify: "nope" }), [
            'rotationGeneration is "two", but must be a whole number, 0 or more. Raise it by one to rotate the cluster\'s certificates.',
            'verify is "nope", but must be one of required, bestEffort, off.',
            'writeRecord is "perhaps", but must be true or false.',
        ]);
        const nested = problems({ clusters: [{ ...one, verify: ["off"], clusterName: { a: 1 } }] });
        assert.deepEqual(nested, [
            'clusters[0].clusterName is {"a":"1"}, but must be a name.',
            'clusters[0].verify is ["off"], but must be one of required, bestEffort, off.',
        ]);
    });

    it("a number is too large, with the largest that is allowed", () => {
        const largest = "9007199254740991";
        assert.equal(read({ ...one, rotationGeneration: largest }).clusters[0]?.rotationGeneration, Number(largest));
        for (const text of ["9007199254740992", "9007199254740993", "18446744073709552000"]) {
            const expected = `rotationGeneration is "${text}", but must be at most ${largest}.`;
            assert.deepEqual(problems({ ...one, rotationGeneration: text }), [expected]);
            // As the engine writes a list: the number itself, in all its digits.
            const clusters = JSON.stringify([{ ...one, rotationGeneration: 0 }]).replace(":0", `:${text}`);
            assert.deepEqual(problems({ clusters }), [`clusters[0].${expected}`]);
        }
        assert.match(
            problems({ ...one, timeout: "99999999h" }).join(),
            /^timeout is "99999999h", but must be at most "8760h"/,
        );
    });

    it("a list is none, is empty, has no objects, or names a cluster twice", () => {
        for (const clusters of ["{}", "[]", "no json", '"blue"', "null"]) {
            assert.deepEqual(problems({ clusters }), ["clusters must be a list of clusters, with at least one."]);
        }
        assert.deepEqual(problems({ clusters: ["blue", { ...one, rotationGeneration: 1 }, null, []] }), [
            "clusters[0] must be an object with resourceGroupName, clusterName, ….",
            "clusters[2] must be an object with resourceGroupName, clusterName, ….",
            "clusters[3] must be an object with resourceGroupName, clusterName, ….",
        ]);
        assert.deepEqual(problems({ clusters: [one, one] }), [
            'clusters names blue twice. Give one of the two a "name" of its own.',
        ]);
        assert.deepEqual(problems({ name: "all", clusters: [one, { ...one, clusterName: "green" }] }), [
            "name: at the top level it would be the name of every cluster of the list. Give it to one of the list: pulumi config rm name",
        ]);
        assert.deepEqual(problems({ formerName: "all", clusters: [one, { ...one, clusterName: "green" }] }), [
            "formerName: at the top level it would be the formerName of every cluster of the list. Give it to one of the list: pulumi config rm formerName",
        ]);
    });

    it("the id and a name both name the cluster", () => {
        const twice = "resourceGroupName, clusterName: clusterId names the cluster already. Leave one of the two out.";
        assert.deepEqual(problems({ ...one, clusterId }), [twice]);
        assert.deepEqual(problems({ clusters: [{ ...one, clusterId }] }), [`clusters[0].${twice}`]);
    });

    it("an id at the top level stands beside a list: it is that key which is wrong, not those of the list", () => {
        for (const clusters of [[{ clusterName: "blue" }], [{ clusterName: "blue" }, { clusterId }]]) {
            assert.deepEqual(problems({ ...group, clusterId, rotationGeneration: "1", clusters }), [
                "clusterId: at the top level it names one cluster, beside those of the list. Give it to one of the list: pulumi config rm clusterId",
            ]);
        }
    });

    it("a value at the top level is wrong: that is said once, not of each cluster of the list", () => {
        const clusters = [{ clusterName: "blue" }, { clusterName: "green" }];
        assert.deepEqual(problems({ ...group, rotationGeneration: "1", timeout: "soon", clusters }), [
            'timeout is "soon", but must be a duration such as "60m", "1h30m" or "45s".',
        ]);
    });

    it("an id is of something else", () => {
        const fleet = clusterId.replace("ContainerService/managedClusters", "ContainerService/fleets");
        assert.match(
            problems({ clusterId: fleet, rotationGeneration: "1" }).join("\n"),
            /^clusterId: ".*" is the id of an Azure Kubernetes Fleet Manager/,
        );
        assert.match(
            problems({ clusters: [{ clusterId: fleet, rotationGeneration: 1 }] }).join("\n"),
            /^clusters\[0\]\.clusterId: ".*" is the id of an Azure Kubernetes Fleet Manager/,
        );
    });
});

describe("names at the top level are defaults of the list", () => {
    it("for the clusters that have no id", () => {
        const clusters = [{ clusterId }, { resourceGroupName: "other", name: "second" }];
        assert.deepEqual(
            read({ ...one, clusters }).clusters.map((cluster) => [
                cluster.name,
                cluster.clusterName,
                cluster.clusterId,
            ]),
            [
                ["Blue", undefined, clusterId],
                ["second", "blue", undefined],
            ],
        );
    });
});

describe("the keys of the stack's config", () => {
    afterEach(() => pulumi.runtime.setAllConfig({}));

    it("are those of the program's namespace, secret ones among them", () => {
        const values = {
            "mine:verify": "off",
            "mine:timout": "5m",
            "mine:hidden": "secret",
            "mine:config:old": "1",
            "other:verify": "off",
            "pulumi:tags": "{}",
            "azure-native:location": "westeurope",
            "mine2:verify": "off",
        };
        pulumi.runtime.setAllConfig(values, ["mine:hidden"]);
        assert.deepEqual(configKeys("mine").sort(), ["hidden", "old", "timout", "verify"]);
        assert.deepEqual(configKeys("renamed"), []);
    });
});
