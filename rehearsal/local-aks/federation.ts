import { get } from "node:https";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { FederatedCredential } from "./clients";

/** Finds the keys with which an issuer signs. */
export type FindKeys = (issuer: string) => Promise<JWTVerifyGetKey>;

/** Who a token says that it is of. */
export interface Presented {
    issuer: string | undefined;
    subject: string | undefined;
    audiences: string[];
}

/**
 * Whether a client trusts such a token: undefined if it does, else what does not match and Entra's code for that. As
 * Entra it looks at the issuer first, then the subject, then the audience.
 */
export function isFederated(
    credentials: FederatedCredential[],
    { issuer = "", subject = "", audiences }: Presented,
): { code: number; what: string; value: string } | undefined {
    const ofIssuer = credentials.filter((credential) => credential.issuer === issuer);
    if (ofIssuer.length === 0) {
        return { code: 700211, what: "issuer", value: issuer };
    }
    const ofSubject = ofIssuer.filter((credential) => credential.subject === subject);
    if (ofSubject.length === 0) {
        return { code: 700213, what: "subject", value: subject };
    }
    return ofSubject.some(({ audience }) => audiences.includes(audience))
        ? undefined
        : { code: 700212, what: "audience", value: audiences.join(" ") };
}

/** Finds an issuer's keys by OpenID Connect discovery. @param ca PEM of the CA that its server is trusted by */
export function discoverKeys(ca: string): FindKeys {
    return async (issuer) => {
        const { jwks_uri } = await getJson<{ jwks_uri: string }>(`${issuer}/.well-known/openid-configuration`, ca);
        return createLocalJWKSet(await getJson<JSONWebKeySet>(jwks_uri, ca));
    };
}

function getJson<T>(url: string, ca: string): Promise<T> {
    return new Promise((resolve, reject) => {
        const request = get(url, { ca, agent: false, timeout: 5000 }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () => {
                if (response.statusCode !== 200) {
                    reject(new Error(`${url} answered ${response.statusCode}`));
                    return;
                }
                try {
                    resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
                } catch {
                    reject(new Error(`${url} answered no JSON`));
                }
            });
        });
        request.on("timeout", () => request.destroy(new Error(`${url} did not answer`)));
        request.on("error", reject);
    });
}
