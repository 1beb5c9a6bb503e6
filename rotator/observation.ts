import type { ClusterDetails } from "../azure/cluster";

/** What one look at the cluster has shown. */
export type Observation =
    | { found: false }
    | {
          found: true;
          /** `properties.resourceUID`; undefined where Azure gives none. */
          resourceUID?: string | undefined;
          /** Changes whenever the cluster is changed; undefined where Azure does not say. */
          eTag?: string | undefined;
          /** `properties.provisioningState` */
          provisioningState: string;
          /** What a preflight looks at beside this. */
          details?: ClusterDetails | undefined;
          /** Whether the power state is Stopped. */
          stopped: boolean;
          /** The CA of the credentials that Azure hands out; always there when nothing is under way. */
          caFingerprints?: string[];
          /** What the API server itself shows: its certificate is of the credentials' CA, of another one, or it cannot be
           * reached from here; there when nothing is under way, it is not stopped and verify is not off. */
          apiServer?: "sameCa" | "anotherCa" | "unreachable";
          /** Whether a CA that was in force before the rotation has signed the API server's certificate; undefined where
           * that is not known. */
          signedByEarlierCa?: boolean | undefined;
      };

/** Whether the API server has answered an observation. */
export function isAsked(cluster: Observation | undefined): boolean {
    return cluster?.found === true && cluster.apiServer !== undefined && cluster.apiServer !== "unreachable";
}
