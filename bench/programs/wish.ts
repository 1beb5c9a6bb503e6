import type { ClusterRef } from "../../rehearsal/local-aks/local-aks";

/** What a program is asked for. */
export interface Wish {
    cluster: ClusterRef;
    /** Raising it asks for a rotation. */
    generation: number;
    /** Of the ten resources. */
    mark: string;
    namespace: string;
}

/** What the program of a whole fleet is asked for. */
export interface FleetWish {
    clusters: ClusterRef[];
    generation: number;
}

/** What the program that knows nothing of rotations is asked for. */
export interface PlainWish {
    kubeconfig: string;
    mark: string;
    namespace: string;
}
