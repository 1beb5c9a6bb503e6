import { createDefaultHttpClient, createEmptyPipeline, createPipelineRequest } from "@azure/core-rest-pipeline";
import type { SignIn } from "../azure/sign-in";
import type { DoctorFinding } from "./doctor-finding";

/** From this skew on, tokens and certificates that are minutes young can count as not valid yet: Entra allows for 5 minutes. */
const toleratedMs = 5 * 60_000;

/**
 * How far this machine's clock is from Azure's, as the `Date` of an answer tells it. Any answer will do, also a refusal.
 *
 * @param resourceManager URL of Azure Resource Manager
 * @param connect how to connect: through which proxy, trusting which CAs
 */
export async function judgeClock(
    resourceManager: string,
    { policy }: SignIn["connect"],
    abortSignal: AbortSignal,
): Promise<DoctorFinding> {
    try {
        const url = `${resourceManager}/subscriptions?api-version=2022-12-01`;
        const pipeline = createEmptyPipeline();
        pipeline.addPolicy(policy);
        const request = createPipelineRequest({ url, abortSignal });
        const { headers } = await pipeline.sendRequest(createDefaultHttpClient(), request);
        return clockFinding(Date.parse(headers.get("date") ?? "") - Date.now());
    } catch (error) {
        return clockUnknown(error);
    }
}

/** The finding where the question had no answer. */
export function clockUnknown(error: unknown): DoctorFinding {
    const message = `Azure did not say what time it is: ${(error as Error).message}`;
    return { check: "clock", status: "unknown", message, advice: "" };
}

/** @param aheadMs how far Azure's clock is ahead, milliseconds; NaN where Azure does not say */
export function clockFinding(aheadMs: number): DoctorFinding {
    if (Number.isNaN(aheadMs)) {
        return { check: "clock", status: "unknown", message: "Azure does not say what time it is", advice: "" };
    }
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    if (Math.abs(aheadMs) < toleratedMs) {
        return {
            check: "clock",
            status: "ok",
            message: `this machine's clock and Azure's are ${seconds} s apart`,
            advice: "",
        };
    }
    return {
        check: "clock",
        status: "warns",
        message: `this machine's clock is ${Math.round(seconds / 60)} min ${aheadMs > 0 ? "behind" : "ahead of"} Azure's`,
        advice: "Set it right: tokens and new certificates can count as not valid yet, or no more.",
    };
}
