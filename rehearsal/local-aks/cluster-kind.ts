import { BlockList, isIP } from "node:net";
import { z } from "zod";

/** The application of Microsoft Entra ID that tokens for AKS are for; the same in every tenant. */
export const AKS_SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** The application by which a person signs in to AKS; the same in every tenant. */
export const AKS_CLIENT_APPLICATION = "80faf920-1908-4b52-b5ef-a8e7bedfc67a";

/** What kind of cluster it is, in ARM's own names; what is not given is as AKS has it by default: local accounts, public. */
export const clusterKind = z.object({
    /** There for clusters with Microsoft Entra ID. */
    aadProfile: z.object({ managed: z.boolean().optional(), enableAzureRBAC: z.boolean().optional() }).optional(),
    disableLocalAccounts: z.boolean().optional(),
    /** Not ARM's: whether certificates name keys by identifiers, as AKS's did not in 2020. Default: true. */
    keyIdentifiers: z.boolean().optional(),
    apiServerAccessProfile: z
        .object({
            /** The API server is in a private network: it can be reached by commands alone, unless this machine is in it. */
            enablePrivateCluster: z.boolean().optional(),
            /** It has a public name too, of its private address. */
            enablePrivateClusterPublicFQDN: z.boolean().optional(),
            /** Addresses, or ranges such as 192.0.2.0/24, from which alone it can be reached. */
            authorizedIPRanges: z.array(z.string()).optional(),
            disableRunCommand: z.boolean().optional(),
        })
        .optional(),
});

/** What kind of cluster it is. */
export type ClusterKind = z.output<typeof clusterKind>;

/** Whether it takes tokens of Microsoft Entra ID. */
export function hasEntraId({ aadProfile }: ClusterKind): boolean {
    return aadProfile !== undefined && aadProfile.managed !== false;
}

/** Whether its API server is not for everybody: it is behind a gate then. */
export function isGuarded({ apiServerAccessProfile: access }: ClusterKind): boolean {
    return access?.enablePrivateCluster === true || (access?.authorizedIPRanges ?? []).length > 0;
}

/**
 * Whether its API server lets this machine, 127.0.0.1, in.
 *
 * @param inPrivateNetwork whether this machine is in the network of a private cluster
 */
export function letsUsIn({ apiServerAccessProfile: access }: ClusterKind, inPrivateNetwork = false): boolean {
    if (access?.enablePrivateCluster === true) {
        return inPrivateNetwork;
    }
    const ranges = access?.authorizedIPRanges ?? [];
    const list = new BlockList();
    for (const range of ranges) {
        const [address = "", prefix] = range.split("/");
        const family = isIP(address) === 6 ? "ipv6" : "ipv4";
        list.addSubnet(address, prefix === undefined ? (family === "ipv6" ? 128 : 32) : Number(prefix), family);
    }
    return ranges.length === 0 || list.check("127.0.0.1");
}
