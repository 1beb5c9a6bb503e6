import * as z from "zod/mini";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { read } from "../api-server";
import type { GetToken } from "../verify";

/** What counts of a pod disruption budget (`policy/v1`). */
export interface DisruptionBudget {
    namespace: string;
    name: string;
    /** How many of its pods may be evicted now. */
    disruptionsAllowed: number;
    /** How many pods it covers. */
    expectedPods: number;
}

const count = z._default(z.number(), 0);

const List = z.object({
    metadata: z.optional(z.object({ continue: z.optional(z.string()) })),
    items: z.array(
        z.object({
            metadata: z.object({ namespace: z.string(), name: z.string() }),
            // A controller fills it in: without it nothing is known of the budget.
            status: z.optional(z.object({ disruptionsAllowed: count, expectedPods: count })),
        }),
    ),
});

/**
 * All pod disruption budgets of a cluster, with the cluster's own credentials; sends them only to a server that the
 * cluster CA verifies.
 *
 * @throws Error when the API server cannot be asked, or refuses
 */
export async function listDisruptionBudgets(
    kubeconfig: Kubeconfig,
    getToken: GetToken,
    signal: AbortSignal,
): Promise<DisruptionBudget[]> {
    const caller = kubeconfig.signIn === undefined ? kubeconfig : { token: await getToken(kubeconfig.signIn) };
    const budgets: DisruptionBudget[] = [];
    let next = "";
    do {
        const query = new URLSearchParams({ limit: "500", ...(next === "" ? {} : { continue: next }) });
        const path = `/apis/policy/v1/poddisruptionbudgets?${query}`;
        const { status, text } = await read(kubeconfig, kubeconfig.caCertificate, path, caller, signal);
        if (status !== 200) {
            const what = status === 403 ? "these credentials may not list them" : `the API server answered ${status}`;
            throw new Error(what);
        }
        const { items, metadata } = parse(text);
        for (const { metadata: named, status: now } of items) {
            budgets.push({
                ...named,
                disruptionsAllowed: now?.disruptionsAllowed ?? 0,
                expectedPods: now?.expectedPods ?? 0,
            });
        }
        next = metadata?.continue ?? "";
    } while (next !== "");
    return budgets;
}

function parse(text: string): z.output<typeof List> {
    try {
        return List.parse(JSON.parse(text));
    } catch {
        throw new Error("the API server did not answer with a list");
    }
}
