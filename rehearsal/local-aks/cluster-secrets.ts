import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { Authority, createKey, type Identity } from "./certificates";
import { Clock } from "./clock";

const YEAR = 365 * 24 * 3600;

/** How long a cluster's certificates last, in seconds from when they are made; negative: they have expired. */
export interface CertificateLifetimes {
    /** Default: 30 years, as on AKS. */
    ca: number;
    /** Default: 2 years, as on AKS. */
    server: number;
    /** Default: 2 years, as on AKS. */
    client: number;
}

/** As on AKS: https://learn.microsoft.com/azure/aks/certificate-rotation */
export const AKS_LIFETIMES: CertificateLifetimes = { ca: 30 * YEAR, server: 2 * YEAR, client: 2 * YEAR };

/** All that a rotation replaces. */
export interface ClusterSecrets {
    /** Named "ca", as on AKS. */
    ca: Identity;
    /** Certificates, PEM, of other CAs that clients are to trust too. */
    otherAuthorities?: string[];
    /** The API server's. */
    server: Identity;
    /** The local account's: user masterclient, group system:masters, as on AKS. */
    client: Identity;
    /** Bearer token of the local account. */
    token: string;
    /** Bearer token of the controller manager. */
    controllerManagerToken: string;
    /** Signs the tokens of service accounts; PEM. */
    serviceAccountKey: string;
}

/** The name that the local account has at the API server. */
export const LOCAL_ACCOUNT = { username: "masterclient", uid: "masterclient", group: "system:masters" };

/**
 * Makes a new CA, and everything that hangs on it.
 *
 * @param clock from whose time the certificates last. Default: the machine's.
 * @param keyIdentifiers whether certificates name keys by identifiers
 */
export async function createClusterSecrets(
    lifetimes: CertificateLifetimes,
    clock = new Clock(),
    keyIdentifiers = true,
): Promise<ClusterSecrets> {
    const authority = await Authority.create({ commonName: "ca", validSeconds: lifetimes.ca, keyIdentifiers }, clock);
    const account = { commonName: LOCAL_ACCOUNT.username, organization: LOCAL_ACCOUNT.group };
    const [server, client, serviceAccountKey] = await Promise.all([
        authority.issue(
            {
                commonName: "apiserver",
                names: [
                    { type: "ip", value: "127.0.0.1" },
                    { type: "ip", value: "10.0.0.1" },
                    { type: "dns", value: "localhost" },
                    { type: "dns", value: "kubernetes" },
                    { type: "dns", value: "kubernetes.default" },
                    { type: "dns", value: "kubernetes.default.svc" },
                    { type: "dns", value: "kubernetes.default.svc.cluster.local" },
                ],
                validSeconds: lifetimes.server,
            },
            "server",
        ),
        authority.issue({ ...account, validSeconds: lifetimes.client }, "client"),
        createKey(),
    ]);
    return {
        ca: authority.identity,
        server,
        client,
        token: randomBytes(64).toString("hex"),
        controllerManagerToken: randomBytes(64).toString("hex"),
        serviceAccountKey,
    };
}

/** Certificates, PEM, of so many new CAs that have signed nothing here. */
export async function createOtherAuthorities(count: number, clock: Clock): Promise<string[]> {
    const made = Array.from({ length: count }, (_, i) =>
        Authority.create({ commonName: `other-ca-${i + 1}`, validSeconds: AKS_LIFETIMES.ca }, clock),
    );
    return (await Promise.all(made)).map(({ identity }) => identity.certificate);
}

/** SHA-256 of the CA certificate, lower-case hexadecimal without colons. */
export function caFingerprint(secrets: ClusterSecrets): string {
    return createHash("sha256").update(new X509Certificate(secrets.ca.certificate).raw).digest("hex");
}
