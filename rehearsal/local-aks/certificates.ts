import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { Clock } from "./clock";

// AKS has RSA keys of 4096 bits. These take a second each to make, and a rotation makes six.
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const MINUTE = 60_000;

/** A certificate with its private key, both PEM. */
export interface Identity {
    certificate: string;
    key: string;
}

/** What a certificate is to say. */
export interface CertificateRequest {
    commonName: string;
    /** Subject's O, which Kubernetes takes for the groups of the user. */
    organization?: string;
    /** DNS names and IP addresses of a server. Default: none. */
    names?: x509.JsonGeneralNames;
    /** From now, in seconds; a negative number makes a certificate that has expired. */
    validSeconds: number;
}

/** What the certificate of an authority is to say. */
export interface AuthorityRequest extends CertificateRequest {
    /** Whether it and those it issues name keys by identifiers. Default: true. */
    keyIdentifiers?: boolean;
}

/** A certificate authority of its own, with a new ECDSA P-256 key. */
export class Authority {
    private constructor(
        /** Its self-signed certificate and its key. */
        readonly identity: Identity,
        private readonly certificate: x509.X509Certificate,
        private readonly key: webcrypto.CryptoKey,
        private readonly clock: Clock,
        private readonly keyIdentifiers: boolean,
    ) {}

    /** Makes a new one, whose certificates are of this clock's time. */
    static async create({ keyIdentifiers = true, ...request }: AuthorityRequest, clock: Clock): Promise<Authority> {
        const keys = await generateKeys();
        const certificate = await x509.X509CertificateGenerator.createSelfSigned({
            name: subject(request),
            keys,
            ...validity(request.validSeconds, clock),
            extensions: [
                new x509.BasicConstraintsExtension(true, undefined, true),
                new x509.KeyUsagesExtension(
                    x509.KeyUsageFlags.keyCertSign |
                        x509.KeyUsageFlags.digitalSignature |
                        x509.KeyUsageFlags.keyEncipherment,
                    true,
                ),
                ...(keyIdentifiers ? [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)] : []),
            ],
        });
        const identity = { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
        return new Authority(identity, certificate, keys.privateKey, clock, keyIdentifiers);
    }

    /** Issues a certificate, with a new key, for a server or a client. */
    async issue(request: CertificateRequest, use: "server" | "client"): Promise<Identity> {
        const keys = await generateKeys();
        const extensions: x509.Extension[] = [
            new x509.BasicConstraintsExtension(false, undefined, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
            new x509.ExtendedKeyUsageExtension([
                use === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
            ]),
        ];
        if (this.keyIdentifiers) {
            extensions.push(await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey));
        }
        if (request.names) {
            extensions.push(new x509.SubjectAlternativeNameExtension(request.names));
        }
        const certificate = await x509.X509CertificateGenerator.create({
            subject: subject(request),
            issuer: this.certificate.subjectName,
            publicKey: keys.publicKey,
            signingKey: this.key,
            signingAlgorithm: ALGORITHM,
            ...validity(request.validSeconds, this.clock),
            extensions,
        });
        return { certificate: certificate.toString("pem"), key: await exportKey(keys.privateKey) };
    }
}

/** A new private key, PEM (PKCS #8). */
export async function createKey(): Promise<string> {
    return exportKey((await generateKeys()).privateKey);
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
    return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
    return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function subject({ commonName, organization }: CertificateRequest): x509.JsonName {
    return organization ? [{ O: [organization] }, { CN: [commonName] }] : [{ CN: [commonName] }];
}

function validity(validSeconds: number, clock: Clock): { notBefore: Date; notAfter: Date } {
    const now = clock.now();
    const notAfter = now + validSeconds * 1000;
    // Five minutes for clocks that differ.
    const notBefore = Math.min(now - 5 * MINUTE, notAfter - 60 * MINUTE);
    return { notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
}
