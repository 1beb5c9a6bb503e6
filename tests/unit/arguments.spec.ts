import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { checkArguments, type PlainArguments } from "../../components/arguments";
import { durationSeconds } from "../../components/duration";
import { type EnumeratedArgs, enumerations, parseArgument } from "../../components/enumerations";
import { PlainRunError } from "../../components/plain-run-error";
import { environmentNames, rotateEnvironment, snapshotEnvironment } from "../../components/rotator-environment";
import { readRotateSettings } from "../../rotator/settings";

const right: PlainArguments = {
    resourceGroupName: "group",
    clusterName: "blue",
    rotationGeneration: 1,
    subscriptionId: "00000000-0000-4000-8000-000000000000",
    credentials: undefined,
    verify: undefined,
    preflight: undefined,
    timeout: undefined,
    settleTimeout: undefined,
};

describe("the component's arguments", () => {
    it("have the defaults that are documented", () => {
        const { credentials, verify, preflight, timeoutSeconds, settleTimeoutSeconds } = checkArguments(right);
        assert.deepEqual(
            { credentials, verify, preflight, timeoutSeconds, settleTimeoutSeconds },
            {
                credentials: "user",
                verify: "required",
                preflight: "required",
                timeoutSeconds: 3600,
                settleTimeoutSeconds: 600,
            },
        );
    });

    for (const generation of [-1, 1.5, "2", undefined, null, Number.NaN, true, "", [], {}]) {
        it(`refuse the generation ${JSON.stringify(generation) ?? "undefined"}`, () => {
            assert.throws(
                () => checkArguments({ ...right, rotationGeneration: generation }),
                /rotationGeneration is .*must be a whole number, 0 or more/,
            );
        });
    }

    for (const generation of [2 ** 53, 2 ** 60, 1e300, Number.POSITIVE_INFINITY, "9007199254740993"]) {
        it(`refuse the generation ${generation}, and name the largest`, () => {
            assert.throws(
                () => checkArguments({ ...right, rotationGeneration: generation }),
                ({ message }: Error) =>
                    message ===
                    `rotationGeneration is ${typeof generation === "string" ? `"${generation}"` : generation}, but must be at most 9007199254740991.`,
            );
        });
    }

    it("take the largest generation", () => {
        const { rotationGeneration } = checkArguments({ ...right, rotationGeneration: Number.MAX_SAFE_INTEGER });
        assert.equal(rotationGeneration, 9007199254740991);
    });

    it("take a generation of 0", () => {
        assert.equal(checkArguments({ ...right, rotationGeneration: 0 }).rotationGeneration, 0);
    });

    it("refuse a subscription that is none, and say where it can come from", () => {
        for (const subscriptionId of [undefined, "", "my subscription"]) {
            assert.throws(
                () => checkArguments({ ...right, subscriptionId }),
                /subscriptionId is .*ARM_SUBSCRIPTION_ID/,
            );
        }
    });

    it("take a subscription in upper case, and nothing around its id", () => {
        const upper = "ABCDEF00-0000-4000-8000-000000000000";
        assert.equal(checkArguments({ ...right, subscriptionId: upper }).subscriptionId, upper);
        for (const subscriptionId of [`${upper}0`, ` ${upper}`]) {
            assert.throws(
                () => checkArguments({ ...right, subscriptionId }),
                /must be the id of an Azure subscription/,
            );
        }
    });

    it("refuse a name that is blank", () => {
        assert.throws(
            () => checkArguments({ ...right, clusterName: "  " }),
            /clusterName is " {2}", but must be a name/,
        );
    });

    it("refuse unknown words, and name the ones that are right", () => {
        assert.throws(() => checkArguments({ ...right, verify: "sometimes" }), /verify .*required, bestEffort, off/);
        assert.throws(() => checkArguments({ ...right, credentials: "root" }), /credentials .*user, admin/);
    });

    it("tell everything that is wrong at once", () => {
        assert.throws(
            () => checkArguments({ ...right, clusterName: "", timeout: "soon", settleTimeout: "0m" }),
            /clusterName[\s\S]*timeout is "soon"[\s\S]*settleTimeout is "0m"/,
        );
        const { resourceGroupName: _group, clusterName: _name, ...rest } = right;
        assert.throws(
            () => checkArguments({ ...rest, clusterId: "blue", timeout: "soon" }),
            /"blue" is no ARM id[\s\S]*timeout is "soon"/,
        );
    });
});

describe("the arguments for kinds of clusters", () => {
    const id = `/subscriptions/${right.subscriptionId}/resourceGroups/Group/providers/Microsoft.ContainerService/managedClusters/Blue`;
    const byId = { ...right, resourceGroupName: undefined, clusterName: undefined, clusterId: id };

    it("are left to AKS where they are not given", () => {
        const { format, serverFqdn, verifyThrough } = checkArguments(right);
        assert.deepEqual([format, serverFqdn, verifyThrough], [undefined, undefined, "direct"]);
    });

    it("refuse unknown words, and a format for an admin", () => {
        assert.throws(() => checkArguments({ ...right, format: "yaml" }), /format .*exec, azure/);
        assert.throws(() => checkArguments({ ...right, serverFqdn: "both" }), /serverFqdn .*public, private/);
        assert.throws(() => checkArguments({ ...right, verifyThrough: "ssh" }), /verifyThrough .*direct, runCommand/);
        assert.throws(
            () => checkArguments({ ...right, format: "exec", credentials: "admin" }),
            /format is for users of Microsoft Entra ID, but credentials is "admin"/,
        );
    });

    it("can name a cluster by its id, in any case", () => {
        for (const clusterId of [id, id.toLowerCase(), id.toUpperCase()]) {
            const { resourceGroupName, clusterName } = checkArguments({ ...byId, clusterId });
            assert.deepEqual([resourceGroupName.toLowerCase(), clusterName.toLowerCase()], ["group", "blue"]);
        }
        const subscriptionId = "abcdef00-0000-4000-8000-000000000000";
        const clusterId = id.replace(String(right.subscriptionId), subscriptionId.toUpperCase());
        assert.equal(checkArguments({ ...byId, subscriptionId, clusterId }).clusterName, "Blue");
    });

    it("refuse an id beside a name, of another subscription, or of something else", () => {
        assert.throws(
            () => checkArguments({ ...byId, clusterName: "blue" }),
            /clusterName and clusterId both name the cluster/,
        );
        const other = id.replace("00000000-0000", "00000000-1111");
        assert.throws(() => checkArguments({ ...byId, clusterId: other }), /Set subscriptionId to the cluster's/);
        assert.throws(
            () =>
                checkArguments({ ...byId, clusterId: id.replace("ContainerService/managed", "Kubernetes/connected") }),
            /a cluster that Azure Arc has connected/,
        );
    });

    it("refuse a fleet's hub, by its names and by its id", () => {
        const says = /is the hub cluster of an Azure Kubernetes Fleet Manager/;
        const names = { resourceGroupName: "FL_shop_fleet_westeurope", clusterName: "hub" };
        assert.throws(() => checkArguments({ ...right, ...names }), says);
        const hub = id.replace("Group/prov", "FL_shop_fleet_westeurope/prov").replace("Blue", "hub");
        assert.throws(() => checkArguments({ ...byId, clusterId: hub }), says);
    });

    it("refuse a namespace that is none, and an application that is none", () => {
        for (const recordNamespace of ["", "Default", "-a", "a/b", "a.b", "a".repeat(64), 1]) {
            assert.throws(
                () => checkArguments({ ...right, recordNamespace }),
                /recordNamespace is .*must be the name of a Kubernetes namespace/,
            );
        }
        assert.equal(checkArguments({ ...right, recordNamespace: "kube-system" }).recordNamespace, "kube-system");
        assert.throws(
            () => checkArguments({ ...right, serverApplicationId: "aks" }),
            /serverApplicationId is "aks".*an application of Microsoft Entra ID \(a UUID\)/,
        );
    });

    it("reach the rotator as they are, and their defaults where they are not given", () => {
        const settingsOf = (args: PlainArguments) =>
            readRotateSettings(rotateEnvironment(checkArguments(args), "project/stack", "{}"));
        const settings = {
            subscriptionId: right.subscriptionId,
            resourceGroupName: "group",
            clusterName: "blue",
            clusterId: id.toLowerCase(),
            generation: 1,
            credentials: "user",
            verify: "required",
            format: undefined,
            serverFqdn: undefined,
            verifyThrough: "direct",
            serverApplicationId: undefined,
            recordNamespace: "default",
            stack: "project/stack",
            timeoutSeconds: 3600,
            settleTimeoutSeconds: 600,
            preflight: "required",
            intent: "{}",
        };
        assert.deepEqual(settingsOf(right), settings);
        const given = {
            format: "azure",
            serverFqdn: "private",
            verifyThrough: "runCommand",
            serverApplicationId: right.subscriptionId as string,
            recordNamespace: "records",
            preflight: "warn",
        };
        assert.deepEqual(settingsOf({ ...right, ...given }), { ...settings, ...given });
    });

    it("leave no variable of the rotator to the environment of the pulumi up", () => {
        const checked = checkArguments(right);
        for (const environment of [
            snapshotEnvironment(checked, "project/stack"),
            rotateEnvironment(checked, "project/stack", "{}"),
        ]) {
            assert.deepEqual(Object.keys(environment).sort(), [...environmentNames].sort());
        }
    });
});

describe("the words that an argument takes", () => {
    const wrong = ["nope", "", "Required", " required", "toString"];

    it("are read from text, or are left out with it", () => {
        for (const [argument, words] of Object.entries(enumerations)) {
            const name = argument as keyof EnumeratedArgs;
            for (const word of words) {
                assert.equal(parseArgument(name, word), word);
            }
            assert.equal(parseArgument(name, undefined), undefined);
        }
    });

    it("are named where the text is another, in an error without a stack trace", () => {
        for (const [argument, words] of Object.entries(enumerations)) {
            for (const text of wrong) {
                assert.throws(
                    () => parseArgument(argument as keyof EnumeratedArgs, text),
                    (error: Error) =>
                        pulumi.RunError.isInstance(error) &&
                        error.message === `${argument} is "${text}", but must be one of ${words.join(", ")}.`,
                );
            }
        }
    });

    it("are all that the rotator takes", () => {
        for (const [argument, words] of Object.entries(enumerations)) {
            for (const word of words) {
                const checked = checkArguments({ ...right, [argument]: word });
                const settings = readRotateSettings(rotateEnvironment(checked, "project/stack", "{}"));
                assert.equal(settings[argument as keyof EnumeratedArgs], word);
            }
        }
    });
});

describe("an error of the component", () => {
    it("keeps its message, whatever the SDK puts before it", () => {
        const error = new PlainRunError("blue: there is no such cluster");
        // As serializeFilteredProperties of the SDK does with each property that has the output.
        error.message = `error serializing property "kubeconfig": ${error.message}`;
        assert.equal(error.message, "blue: there is no such cluster");
        assert.ok(pulumi.RunError.isInstance(error));
        assert.match(String(error.stack), /blue: there is no such cluster/);
    });
});

describe("a duration", () => {
    it("is hours, minutes and seconds", () => {
        const cases = { "60m": 3600, "1h30m": 5400, "45s": 45, "1h": 3600, "1h0m5s": 3605 };
        for (const [text, seconds] of Object.entries(cases)) {
            assert.equal(durationSeconds(text, "timeout"), seconds);
        }
    });

    it("is at most a year", () => {
        assert.equal(durationSeconds("8760h", "timeout"), 31_536_000);
        for (const text of ["8760h1s", "525601m", "99999999999999999999h"]) {
            assert.throws(
                () => durationSeconds(text, "timeout"),
                ({ message }: Error) => message === `timeout is "${text}", but must be at most "8760h".`,
            );
        }
    });

    it("is nothing else", () => {
        for (const text of ["", "60", "1d", "m", "-5m", "5 m", "1.5h", 60, undefined, null]) {
            assert.throws(() => durationSeconds(text, "timeout"), /timeout is .*must be a duration such as "60m"/);
        }
    });
});
