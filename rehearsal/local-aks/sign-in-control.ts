import { randomUUID } from "node:crypto";
import { ArmError } from "./arm-error";
import type { Client, FederatedCredential } from "./clients";
import type { Cloud } from "./cloud";
import type { ManagedIdentities } from "./managed-identities";
import {
    type IdentityToken,
    type IssuerKind,
    type OidcIssuer,
    type OidcIssuers,
    tokenExchangeAudience,
} from "./oidc-issuers";

/** How a program on the machine reaches the identity endpoints, and which identity it can have. */
export interface ManagedIdentity {
    clientId: string;
    /** Variables with which Azure's SDKs find IMDS here. */
    imds: Record<string, string>;
    /** Variables with which they find App Service's endpoint here. */
    appService: Record<string, string>;
}

/** Sets what the sign-in service knows. A client that is not there is an ArmError 404 everywhere. */
export interface SignInControl {
    /** The time of the client's secret is over from now on: AADSTS7000222. */
    expireSecret(clientId: string): void;
    /** Gives the client another secret; the one before is not valid any more. */
    renewSecret(clientId: string): { clientSecret: string };
    /** Registers a certificate of the client. @param certificate PEM */
    addCertificate(clientId: string, certificate: string): void;
    /** Makes a stand-in for the OpenID Connect issuer of GitHub Actions, of Azure DevOps, or of a Kubernetes cluster. */
    addIssuer(kind: IssuerKind, subject: string): Promise<OidcIssuer>;
    /** A token of such an issuer. Throws Error if there is no such issuer. */
    identityToken(issuer: string, token?: IdentityToken): Promise<string>;
    /** Lets the client sign in with the tokens of an issuer. Default of `audience`: api://AzureADTokenExchange. */
    addFederatedCredential(
        clientId: string,
        credential: Omit<FederatedCredential, "audience"> & { audience?: string },
    ): void;
    /** Gives this machine a managed identity: `system`, its own, or `user`, one that is assigned to it. */
    addManagedIdentity(kind: "system" | "user"): ManagedIdentity;
    /** Makes another tenant, which knows this client too. */
    addTenant(clientId: string): { tenantId: string };
    /** Gives a tenant a domain, by which it can be named too. Default: the first tenant. */
    addDomain(domain: string, tenantId?: string): void;
}

/** What the controls work with. */
export interface SignInParts {
    cloud: Cloud;
    issuers: OidcIssuers;
    identities: ManagedIdentities;
    url(): string;
}

/** Makes the controls of the sign-in service. */
export function createSignInControl({ cloud, issuers, identities, url }: SignInParts): SignInControl {
    const find = (clientId: string): Client => {
        const client = cloud.clients.get(clientId);
        if (client === undefined) {
            throw new ArmError(404, "NotFound", `There is no client '${clientId}'.`);
        }
        return client;
    };
    return {
        expireSecret: (clientId) => {
            find(clientId).secretExpired = true;
        },
        renewSecret: (clientId) => ({ clientSecret: cloud.clients.renewSecret(find(clientId)) }),
        addCertificate: (clientId, certificate) => {
            find(clientId).certificates.push(certificate);
        },
        addIssuer: (kind, subject) => issuers.add(kind, subject),
        identityToken: (issuer, token) => issuers.token(issuer, token),
        addFederatedCredential: (clientId, { audience = tokenExchangeAudience, ...rest }) => {
            find(clientId).federated.push({ ...rest, audience });
        },
        addManagedIdentity: (kind) => {
            const { clientId } = identities.add(kind);
            return {
                clientId,
                imds: { AZURE_POD_IDENTITY_AUTHORITY_HOST: url() },
                appService: {
                    IDENTITY_ENDPOINT: `${url()}/_app-service/token`,
                    IDENTITY_HEADER: identities.identityHeader,
                },
            };
        },
        addTenant: (clientId) => {
            const tenantId = randomUUID();
            find(clientId).tenants.add(tenantId);
            cloud.tenants.add(tenantId);
            return { tenantId };
        },
        addDomain: (domain, tenantId = cloud.tenantId) => {
            cloud.domains.set(domain.toLowerCase(), tenantId);
        },
    };
}
