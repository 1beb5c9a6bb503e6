import { createHash, X509Certificate } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import type { Client } from "./clients";
import type { Clock } from "./clock";
import { EntraError, invalidClient } from "./entra-error";
import { type FindKeys, isFederated } from "./federation";

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** How much a client's clock may be ahead, seconds: it says from when on its proof is valid. */
const clockTolerance = 300;

/** What a proof is checked against. */
export interface ProofContext {
    clock: Clock;
    /** The token endpoints of the tenant, which a client's own assertion must be meant for: they begin so. */
    tokenEndpoint: string;
    findKeys: FindKeys;
}

/**
 * Checks what a client shows to prove who it is: its secret, a token of an issuer that it trusts, or an assertion that it
 * has signed with a registered certificate.
 *
 * @throws EntraError
 */
export async function checkProof(client: Client, form: Record<string, string>, context: ProofContext): Promise<void> {
    if (form.client_assertion_type === ASSERTION) {
        return checkAssertion(client, form.client_assertion ?? "", context);
    }
    if (form.client_secret === undefined) {
        throw invalidClient(
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        );
    }
    if (form.client_secret !== client.secret) {
        throw invalidClient(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, " +
                `not the client secret ID, for a secret added to app '${client.clientId}'.`,
        );
    }
    if (client.secretExpired) {
        throw invalidClient(7000222, `The provided client secret keys for app '${client.clientId}' are expired.`);
    }
}

async function checkAssertion(client: Client, assertion: string, context: ProofContext): Promise<void> {
    let claims: JWTPayload;
    try {
        claims = decodeJwt(assertion);
        decodeProtectedHeader(assertion);
    } catch {
        throw invalidClient(50027, "JWT token is invalid or malformed.");
    }
    const now = context.clock.now() / 1000;
    if (claims.exp === undefined || claims.exp < now || (claims.nbf ?? 0) > now + clockTolerance) {
        throw invalidClient(
            700024,
            "Client assertion is not within its valid time range. Current time: " +
                `${context.clock.date().toISOString()}, expiry time of assertion ${new Date((claims.exp ?? 0) * 1000).toISOString()}.`,
        );
    }
    // Whoever signs for himself names himself.
    return claims.iss === client.clientId
        ? checkOwn(client, assertion, claims, context)
        : checkFederated(client, assertion, claims, context);
}

/** An assertion that the client has signed with the key of one of its certificates; its header names which. */
async function checkOwn(
    client: Client,
    assertion: string,
    claims: JWTPayload,
    { tokenEndpoint, clock }: ProofContext,
): Promise<void> {
    const header = decodeProtectedHeader(assertion);
    const named = String(header["x5t#S256"] ?? header.x5t ?? "");
    const found = client.certificates.find((pem) => thumbprints(pem).includes(named));
    const unknown = (reason: string) =>
        invalidClient(
            700027,
            `The certificate with identifier used to sign the client assertion ${reason}, Thumbprint of key used by client: '${named}'.`,
        );
    if (found === undefined) {
        throw unknown("is not registered on application. [Reason - The key was not found.]");
    }
    const certificate = new X509Certificate(found);
    if (Date.parse(certificate.validTo) < clock.now()) {
        throw unknown("is expired on application. [Reason - The key used is expired.]");
    }
    await jwtVerify(assertion, certificate.publicKey, { currentDate: clock.date(), clockTolerance }).catch(() => {
        throw unknown("does not fit. [Reason - The signature is not valid.]");
    });
    const audiences = [claims.aud ?? []].flat();
    if (!audiences.some((audience) => audience.toLowerCase().startsWith(tokenEndpoint))) {
        throw invalidClient(
            700023,
            `Client assertion audience claim does not match Realm issuer. Audience: '${audiences.join(" ")}'.`,
        );
    }
}

/** A token of somebody else, whom the client trusts. */
async function checkFederated(
    client: Client,
    token: string,
    claims: JWTPayload,
    { clock, findKeys }: ProofContext,
): Promise<void> {
    const audiences = [claims.aud ?? []].flat();
    const problem = isFederated(client.federated, { issuer: claims.iss, subject: claims.sub, audiences });
    if (problem !== undefined) {
        const { code, what, value } = problem;
        throw invalidClient(
            code,
            `No matching federated identity record found for presented assertion ${what} '${value}'. Check your ` +
                "federated identity credential Subject, Audience and Issuer against the presented assertion.",
        );
    }
    let keys: Awaited<ReturnType<FindKeys>>;
    try {
        keys = await findKeys(String(claims.iss));
    } catch (error) {
        throw new EntraError(
            400,
            "invalid_request",
            50166,
            `Request to External OIDC endpoint failed: ${(error as Error).message}`,
        );
    }
    await jwtVerify(token, keys, { currentDate: clock.date(), clockTolerance }).catch(() => {
        throw invalidClient(50013, "Assertion failed signature validation. [Reason - The key was not found.]");
    });
}

/** By which a header names a certificate: SHA-1 and SHA-256 of it. */
function thumbprints(pem: string): string[] {
    const { raw } = new X509Certificate(pem);
    return ["sha1", "sha256"].map((hash) => createHash(hash).update(raw).digest("base64url"));
}
