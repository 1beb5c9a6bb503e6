import type { X509Certificate } from "node:crypto";
import pRetry from "p-retry";
import { wordsOf } from "../../azure/explain";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { shakeHands } from "../api-server";
import { within } from "../in-time";
import type { ApiServerShows } from "../outside";

/** Time for all connections, and for one of them. */
const ALL_MS = 10_000;
const CONNECTION_MS = 4_000;

/** What the API server shows to a preflight without a rotation. */
export interface SeenApiServer {
    shows: ApiServerShows;
    /** Its certificate; undefined where it cannot be reached. */
    certificate?: X509Certificate;
    /** Why it cannot be reached: a clause. */
    reason?: string;
}

/** Connects to the API server, three times where it fails, and looks at its certificate. Sends nothing, throws nothing. */
export async function seeApiServer(credentials: Kubeconfig, withinMs: number): Promise<SeenApiServer> {
    const connect = () => within(CONNECTION_MS, (signal) => shakeHands(credentials, credentials.caCertificate, signal));
    try {
        const { signed, certificate } = await within(Math.min(withinMs, ALL_MS), (signal) =>
            pRetry(connect, { retries: 2, minTimeout: 500, factor: 1, signal }),
        );
        return { shows: signed ? "sameCa" : "anotherCa", certificate };
    } catch (error) {
        return { shows: "unreachable", reason: wordsOf(error).replace(/\.$/, "") };
    }
}
