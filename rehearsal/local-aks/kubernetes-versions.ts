/** A minor version of Kubernetes that AKS has in a location. */
export interface OfferedVersion {
    /** Such as 1.36. */
    version: string;
    /** Plans under which it is supported: KubernetesOfficial, AKSLongTermSupport. */
    supportPlan: string[];
    /** Its patch versions, such as 1.36.3. */
    patches: string[];
    isPreview?: boolean;
}

/** What the local AKS has, unless it is told otherwise: three minor versions, and two for long-term support alone. */
export const OFFERED_VERSIONS: OfferedVersion[] = [36, 35, 34, 33, 32].map((minor) => ({
    version: `1.${minor}`,
    supportPlan: minor >= 34 ? ["KubernetesOfficial", "AKSLongTermSupport"] : ["AKSLongTermSupport"],
    patches: [2, 3].map((patch) => `1.${minor}.${patch}`),
}));

/** The body of an answer that lists them, as Azure writes it. */
export function versionsDocument(offered: OfferedVersion[]): object {
    return {
        values: offered.map(({ version, supportPlan, patches, isPreview = false }) => ({
            version,
            isPreview,
            capabilities: { supportPlan },
            patchVersions: Object.fromEntries(patches.map((patch) => [patch, { upgrades: [] }])),
        })),
    };
}
