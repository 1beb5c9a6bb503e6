/** What says which cluster something is about: the name that its ARM id has, and Azure's own number for it. */
export interface ClusterIdentity {
    /** ARM id, lower case. */
    clusterId: string;
    /** `properties.resourceUID`; undefined where Azure has not given one. */
    resourceUID?: string | undefined;
}

/**
 * Whether two things are about the same cluster: they have the same ARM id, and no different `resourceUID`. A cluster that
 * was created again under its name has another `resourceUID`; one that is missing on either side proves nothing.
 */
export function isSameCluster(one: ClusterIdentity, other: ClusterIdentity): boolean {
    const uid = uidOf(one);
    const otherUid = uidOf(other);
    return one.clusterId === other.clusterId && (uid === undefined || otherUid === undefined || uid === otherUid);
}

/** Version 0.1.0 wrote the ARM id in the place of a `resourceUID` that Azure had not given. */
function uidOf({ resourceUID }: ClusterIdentity): string | undefined {
    return resourceUID === undefined || resourceUID === "" || resourceUID.startsWith("/") ? undefined : resourceUID;
}
