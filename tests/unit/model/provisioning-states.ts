/**
 * Every word that Azure has for the provisioning state of a managed cluster, as docs and observed answers have them, and
 * one that nobody has heard of.
 */
export const provisioningStates = {
    final: ["Succeeded", "Failed", "Canceled"],
    rotating: ["RotatingClusterCertificates", "ReconcilingClusterCertificates"],
    deleting: ["Deleting"],
    otherwiseUnderWay: [
        "Creating",
        "Updating",
        "Scaling",
        "Migrating",
        "Upgrading",
        "Stopping",
        "Starting",
        "RotatingClusterStaticTokens",
        "ReconcilingClusterETCDCertificates",
        "RotatingServiceAccountSigningKeysInternal",
        "RotatingServiceAccountSigningKeysExternal",
        "RefreshingServicePrincipalProfile",
        "RefreshingAADProfile",
        "Maintenance",
        "Canceling",
        "NeverHeardOf",
    ],
} as const;
