import type { ClusterSecrets } from "./cluster-secrets";

/** Characters of a piece of a kubeconfig. */
const PIECE = 80;

/** Remembers every secret that was given out, in the forms in which it would show in a state file or a log. */
export class IssuedSecrets {
    readonly #forms = new Set<string>();

    /** A password or a token. Of a JWT the signature alone is remembered too: it is what makes it one. */
    addToken(token: string): void {
        this.#forms.add(token);
        const signature = token.split(".")[2];
        if (signature) {
            this.#forms.add(signature);
        }
    }

    /** A private key, PEM: its base64 as in a kubeconfig, its base64 body in one, and line by line. */
    addKey(pem: string): void {
        const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
        this.#forms.add(Buffer.from(pem).toString("base64"));
        this.#forms.add(lines.join(""));
        for (const line of lines) {
            this.#forms.add(line);
        }
    }

    /**
     * A kubeconfig: its base64 as the credentials API has it, and pieces of the part with the user, so that a half of it
     * is found too. The secrets in it are to be added by themselves.
     */
    addKubeconfig(kubeconfig: string): void {
        const base64 = Buffer.from(kubeconfig).toString("base64");
        this.#forms.add(base64);
        const users = Buffer.from(kubeconfig.slice(0, kubeconfig.indexOf("users:"))).toString("base64").length;
        for (let from = users; from + PIECE <= base64.length; from += PIECE) {
            this.#forms.add(base64.slice(from, from + PIECE));
        }
    }

    /** All of a cluster's. */
    addCluster(secrets: ClusterSecrets): void {
        for (const { key } of [secrets.ca, secrets.server, secrets.client]) {
            this.addKey(key);
        }
        this.addKey(secrets.serviceAccountKey);
        this.addToken(secrets.token);
        this.addToken(secrets.controllerManagerToken);
    }

    /** Every form of every secret so far. */
    all(): string[] {
        return [...this.#forms];
    }
}
