/**
 * What the types of the arguments take and refuse. `tsc` checks this file: a line after `@ts-expect-error` that compiles is an
 * error. argument-types.spec.ts checks that each of these lines is refused for the reason that is written there.
 */
import * as pulumi from "@pulumi/pulumi";
import { parseArgument, type VerifyMode } from "../../components/enumerations";
import type { CertificateRotationArgs } from "../../components/rotation-args";
import type { ClusterConfig } from "../../components/stack-config";

const names = { resourceGroupName: "group", clusterName: "blue" };
const config = new pulumi.Config("project");
const later: pulumi.Output<string> = pulumi.output(Promise.resolve("blue"));

export const taken: CertificateRotationArgs[] = [
    { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1 },
    { clusterId: "/subscriptions/…", rotationGeneration: 1 },
    { ...names, rotationGeneration: 1, clusterId: undefined },
    { clusterId: later, rotationGeneration: pulumi.output(1), resourceGroupName: undefined },
    { resourceGroupName: later, clusterName: Promise.resolve("blue"), rotationGeneration: Promise.resolve(1) },
    { ...names, rotationGeneration: 1, subscriptionId: later, timeout: later, recordNamespace: later },
    { ...names, rotationGeneration: 1, verify: "bestEffort", preflight: "warn", verifyThrough: "runCommand" },
    { ...names, rotationGeneration: 1, credentials: "admin", format: "exec", serverFqdn: "private" },
    { ...names, rotationGeneration: 1, verify: pulumi.output("off"), preflight: Promise.resolve("off") },
    { ...names, rotationGeneration: 1, verify: pulumi.output<VerifyMode>("off") },
    { ...names, rotationGeneration: 1, verify: undefined, azure: { clientId: later } },
    { ...names, rotationGeneration: 1, verify: parseArgument("verify", "off") },
    { ...names, rotationGeneration: 1, verify: parseArgument("verify", config.get("verify")) },
    { ...names, rotationGeneration: 1, verify: later.apply((text) => parseArgument("verify", text)) },
    { ...names, rotationGeneration: 1, verify: config.get<VerifyMode>("verify") },
];

export const refused: CertificateRotationArgs[] = [
    // @ts-expect-error no cluster: Property 'resourceGroupName' is missing|Property 'clusterId' is missing
    { rotationGeneration: 1 },
    // @ts-expect-error half of the names: Property 'clusterName' is missing
    { resourceGroupName: "group", rotationGeneration: 1 },
    // @ts-expect-error the other half: Property 'resourceGroupName' is missing
    { clusterName: "blue", rotationGeneration: 1 },
    // @ts-expect-error id and both names: Types of property 'resourceGroupName' are incompatible
    { ...names, clusterId: "/subscriptions/…", rotationGeneration: 1 },
    // @ts-expect-error id and one name: Types of property 'clusterId' are incompatible
    { clusterName: "blue", clusterId: "/subscriptions/…", rotationGeneration: 1 },
    // @ts-expect-error no generation: Property 'rotationGeneration' is missing
    { ...names },
    // @ts-expect-error a generation that is text: Type 'string' is not assignable to type 'Input<number>'
    { ...names, rotationGeneration: "1" },
    // @ts-expect-error a word that there is not: Type '"nope"' is not assignable to type 'Input<"required" | "bestEffort" | "off">
    { ...names, rotationGeneration: 1, verify: "nope" },
    // @ts-expect-error a word in other capitals: Type '"User"' is not assignable to type 'Input<
    { ...names, rotationGeneration: 1, credentials: "User" },
    // @ts-expect-error the word of another argument: Type '"bestEffort"' is not assignable to type 'Input<
    { ...names, rotationGeneration: 1, preflight: "bestEffort" },
    // @ts-expect-error text of which nothing is known: Type 'string' is not assignable to type 'Input<
    { ...names, rotationGeneration: 1, verifyThrough: config.require("verifyThrough") },
    // @ts-expect-error an output of such text: Type 'Output<string>' is not assignable to type 'Input<
    { ...names, rotationGeneration: 1, serverFqdn: later },
    // @ts-expect-error what another argument's parser gives: is not assignable to type 'Input<"exec" | "azure">
    { ...names, rotationGeneration: 1, format: parseArgument("verify", "off") },
    // @ts-expect-error an argument that there is not: 'timout' does not exist
    { ...names, rotationGeneration: 1, timout: "5m" },
];

/** What the stack's config names is what the component takes. */
export const fromConfig = ({ name: _name, writeRecord: _write, ...args }: ClusterConfig): CertificateRotationArgs =>
    args;

// @ts-expect-error no argument with words: Argument of type '"timeout"' is not assignable
export const noWords = () => parseArgument("timeout", "5m");
