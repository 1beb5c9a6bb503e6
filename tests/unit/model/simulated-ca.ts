import { SAME_REPLICA_CONNECTIONS } from "./tolerances";

/** How a rotation replaces the CA. */
export interface CaChange {
    /** The CA that signs the API server's certificate from now on. */
    signer: number;
    /** The credentials name the old CAs beside the new one. */
    keepsOld: boolean;
    /** From when on the credentials API serves the new CAs. */
    credentialsAt: number;
    /** How long after the end of the rotation a replica still answers with the old CA, in milliseconds. */
    replicasMs: number;
    /**
     * The order in which connections reach the two replicas: 0 in turn, a positive number seeds an order of its own, and
     * with a negative one the second half of the time is in turn, while before it both replicas have the old CA.
     */
    replicaOrder: number;
}

/** The certificate authorities of one cluster: which one signs, which the credentials name, which a handshake shows. */
export class SimulatedCa {
    /** The CA that signs the API server's certificate. */
    signer: number;
    #bundle: readonly number[];
    #oldBundle: readonly number[];
    #credentialsAt = 0;
    #oldSigner: number;
    /** Until then a replica answers with the old CA. */
    #replicasUntil = 0;
    #replicasMs = 0;
    #order = 0;
    #handshakes = 0;
    #sameReplica = 0;
    #isOldReplica = false;

    constructor(signer: number) {
        this.signer = signer;
        this.#oldSigner = signer;
        this.#bundle = [signer];
        this.#oldBundle = [signer];
    }

    /** When the credentials API serves the CAs of the API server. */
    get credentialsAt(): number {
        return this.#credentialsAt;
    }

    /** A rotation replaces the CA. The replicas differ until `settle`, and as long after it as the change says. */
    rotate(now: number, change: CaChange): void {
        this.#oldBundle = this.served(now);
        this.#oldSigner = this.signer;
        this.signer = change.signer;
        this.#bundle = change.keepsOld ? sorted([...this.#bundle, change.signer]) : [change.signer];
        this.#credentialsAt = change.credentialsAt;
        this.#replicasMs = change.replicasMs;
        this.#replicasUntil = change.replicasMs > 0 ? Number.POSITIVE_INFINITY : 0;
        this.#order = change.replicaOrder;
    }

    /** The rotation ends: the last replica restarts as long after it as the change says. */
    settle(now: number): void {
        if (this.#replicasUntil === Number.POSITIVE_INFINITY) {
            this.#replicasUntil = now + this.#replicasMs;
        }
    }

    /** When all replicas answer with the same CA, as far as that is known: never before the rotation has ended. */
    replicasAt(now: number): number {
        return this.#replicasUntil === Number.POSITIVE_INFINITY ? now : this.#replicasUntil;
    }

    /** The bundle gets a further CA without a rotation. */
    grow(ca: number): void {
        this.#bundle = sorted([...this.#bundle, ca]);
    }

    /** The bundle loses every CA but the one that signs. */
    shrink(): void {
        this.#bundle = [this.signer];
    }

    /** The CAs in the credentials that Azure hands out. */
    served(now: number): readonly number[] {
        return now < this.#credentialsAt ? this.#oldBundle : this.#bundle;
    }

    /** The credentials that Azure hands out are of before a rotation. */
    lags(now: number): boolean {
        return now < this.#credentialsAt && !this.#oldBundle.includes(this.signer);
    }

    /** The CAs that some replica answers with. */
    answers(now: number): readonly number[] {
        if (this.hidesChange(now)) {
            return [this.#oldSigner];
        }
        return now < this.#replicasUntil ? [this.signer, this.#oldSigner] : [this.signer];
    }

    /** No replica answers with the new CA yet. */
    hidesChange(now: number): boolean {
        return this.#order < 0 && now < this.#replicasUntil - this.#replicasMs / 2;
    }

    /** The CA that signed the certificate of the replica that a new connection reaches. */
    handshake(now: number): number {
        if (now >= this.#replicasUntil) {
            return this.signer;
        }
        if (this.hidesChange(now)) {
            return this.#oldSigner;
        }
        const wasOld = this.#isOldReplica;
        const isForced = this.#sameReplica >= SAME_REPLICA_CONNECTIONS;
        this.#isOldReplica = this.#order <= 0 || isForced ? !wasOld : isOdd(this.#order, this.#handshakes);
        this.#sameReplica = this.#isOldReplica === wasOld ? this.#sameReplica + 1 : 1;
        this.#handshakes++;
        return this.#isOldReplica ? this.#oldSigner : this.signer;
    }
}

function sorted(cas: readonly number[]): number[] {
    return [...new Set(cas)].sort((a, b) => a - b);
}

/** One bit of a sequence that depends on the seed alone. */
function isOdd(seed: number, index: number): boolean {
    let x = Math.imul(seed * 0x9e3779b1 + index, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) & 1) === 1;
}
