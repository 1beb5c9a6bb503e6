import { z } from "zod";
import { clusterKind } from "./cluster-kind";
import type { ClusterOptions, ClusterSettings } from "./cluster-options";
import type { CertificateLifetimes } from "./cluster-secrets";
import { type Fault, unfit } from "./fault";
import type { OfferedVersion } from "./kubernetes-versions";
import type { Ended } from "./operation";
import { REQUEST_KINDS } from "./request-kind";

const seconds = z.number().min(0);
const headers = z.record(z.string(), z.string());

/** How an operation ends. */
export const ended = z.enum(["Succeeded", "Failed", "Canceled"]) satisfies z.ZodType<Ended>;

/** Of a cluster's certificates. */
export const lifetimes = z.strictObject({
    ca: z.number(),
    server: z.number(),
    client: z.number(),
}) satisfies z.ZodType<CertificateLifetimes>;

/** Of a cluster, as the control endpoint takes them. `null` is as good as leaving the setting to its default. */
export const clusterSettings = z
    .strictObject({
        rotationSeconds: seconds,
        operationSeconds: seconds,
        outageSeconds: seconds.nullable().transform((value) => value ?? undefined),
        slowReturnSeconds: seconds,
        credentialsLagSeconds: seconds,
        alternatingSeconds: seconds,
        retryAfterSeconds: seconds.nullable().transform((value) => value ?? undefined),
        rotationOutcomes: z.array(
            z.strictObject({
                status: ended,
                changesCa: z.boolean().optional(),
                code: z.string().optional(),
                message: z.string().optional(),
                error: z.unknown().optional(),
            }),
        ),
        certificateLifetimes: lifetimes,
        nodePools: z.array(
            z.strictObject({
                name: z.string(),
                count: z.int().min(0).optional(),
                provisioningState: z.string().optional(),
                maxSurge: z.string().optional(),
                maxUnavailable: z.string().optional(),
            }),
        ),
        disruptionBudgets: z.array(
            z.strictObject({
                namespace: z.string(),
                name: z.string(),
                disruptionsAllowed: z.int().min(0),
                expectedPods: z.int().min(0).optional(),
            }),
        ),
        supportPlan: z.string(),
        commandSeconds: seconds,
        commandFailure: z
            .string()
            .nullable()
            .transform((value) => value ?? undefined),
        commandAnswer: z.enum(["accepted", "result", "running"]),
        shownResourceUID: z.enum(["value", "null", "missing"]),
    })
    .partial() satisfies z.ZodType<Partial<ClusterSettings>>;

/** Of a cluster to be made. */
export const clusterOptions = z.strictObject({
    resourceGroup: z.string().min(1),
    name: z.string().min(1),
    backend: z.enum(["control-plane", "light"]),
    location: z.string().optional(),
    kubernetesVersion: z.string().optional(),
    tags: headers.optional(),
    otherAuthorities: z.int().min(0).optional(),
    inPrivateNetwork: z.boolean().optional(),
    ...clusterKind.shape,
    settings: clusterSettings.optional(),
}) satisfies z.ZodType<ClusterOptions>;

/** Kubernetes versions that AKS has in a location, as its API answers them. */
export const kubernetesVersions = z.array(
    z.strictObject({
        version: z.string(),
        supportPlan: z.array(z.string()),
        patches: z.array(z.string()),
        isPreview: z.boolean().optional(),
    }),
) satisfies z.ZodType<OfferedVersion[]>;

const regularExpression = z.string().refine((text) => isRegularExpression(text), "no regular expression");
const moment = z.enum(["before", "after"]);

/** A fault to inject. */
export const fault = z
    .strictObject({
        match: z.strictObject({
            method: z.string().optional(),
            kind: z.enum(REQUEST_KINDS).optional(),
            path: regularExpression.optional(),
            userAgent: regularExpression.optional(),
            resourceGroup: z.string().optional(),
            cluster: z.string().optional(),
            provisioningState: z.string().optional(),
        }),
        action: z.discriminatedUnion("type", [
            z.strictObject({
                type: z.literal("answer"),
                when: z.enum(["before", "after"]).optional(),
                status: z.int().min(200).max(599),
                code: z.string().optional(),
                message: z.string().optional(),
                body: z.string().optional(),
                headers: headers.optional(),
                retryAfterSeconds: seconds.optional(),
                retryAfterAsDate: z.boolean().optional(),
            }),
            z.strictObject({ type: z.literal("reset"), when: moment }),
            z.strictObject({ type: z.literal("hang"), when: moment }),
            z.strictObject({ type: z.literal("hold"), when: moment }),
            z.strictObject({ type: z.literal("half"), cleanly: z.boolean().optional() }),
            z.strictObject({ type: z.literal("delay"), seconds }),
            z.strictObject({ type: z.literal("headers"), headers: z.record(z.string(), z.string().nullable()) }),
        ]),
        skip: z.int().min(0).optional(),
        count: z.int().min(0).optional(),
    })
    .superRefine((value: Fault, context) => {
        const message = unfit(value);
        if (message !== undefined) {
            context.addIssue({ code: "custom", message });
        }
    }) satisfies z.ZodType<Fault>;

function isRegularExpression(text: string): boolean {
    try {
        new RegExp(text);
        return true;
    } catch {
        return false;
    }
}
