import type { ClusterSecrets } from "./cluster-secrets";

/** What a cluster of the local AKS has for a control plane. */
export type BackendKind = "control-plane" | "light";

/** A cluster's API server, with whatever stands behind it. */
export interface ApiServer {
    /** e.g. https://127.0.0.1:20443 ; the same over its whole life. */
    readonly url: string;
    /** Of Kubernetes, e.g. 1.36.3. */
    readonly version: string;

    /**
     * Starts it with these certificates, on the data it had.
     *
     * @throws Error if it does not get ready; AbortError when the signal comes first.
     */
    start(secrets: ClusterSecrets, signal: AbortSignal): Promise<void>;

    /** Takes it down at once, open connections too. The data stays. */
    stop(): Promise<void>;

    /** Ends everything and removes the data. */
    close(): Promise<void>;
}
