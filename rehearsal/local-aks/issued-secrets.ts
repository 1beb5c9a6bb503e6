import type { ClusterSecrets } from "./cluster-secrets";

/** Characters of a piece of a kubeconfig. */
const PIECE = 80;

/** Characters by which a form is looked up. */
const HEAD = 12;

/** Remembers every secret that was given out, in the forms in which it would show in a state file or a log. */
export class IssuedSecrets {
    readonly #forms = new Set<string>();
    /** Those of some length, by how they begin: so that a text can be searched for thousands of them at once. */
    readonly #byHead = new Map<string, string[]>();
    readonly #short: string[] = [];

    /** A password or a token. Of a JWT the signature alone is remembered too: it is what makes it one. */
    addToken(token: string): void {
        this.#add(token);
        const signature = token.split(".")[2];
        if (signature) {
            this.#add(signature);
        }
    }

    /** A private key, PEM: its base64 as in a kubeconfig, its base64 body in one, and line by line. */
    addKey(pem: string): void {
        const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
        this.#add(Buffer.from(pem).toString("base64"));
        this.#add(lines.join(""));
        for (const line of lines) {
            this.#add(line);
        }
    }

    /**
     * A kubeconfig: its base64 as the credentials API has it, and pieces of the part with the user, so that a half of it
     * is found too. The secrets in it are to be added by themselves.
     */
    addKubeconfig(kubeconfig: string): void {
        const base64 = Buffer.from(kubeconfig).toString("base64");
        this.#add(base64);
        const users = Buffer.from(kubeconfig.slice(0, kubeconfig.indexOf("users:"))).toString("base64").length;
        for (let from = users; from + PIECE <= base64.length; from += PIECE) {
            this.#add(base64.slice(from, from + PIECE));
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

    /** Whether any form of any secret is in a text. */
    isIn(text: string): boolean {
        if (this.#short.some((form) => text.includes(form))) {
            return true;
        }
        for (let at = 0; at + HEAD <= text.length; at++) {
            const forms = this.#byHead.get(text.slice(at, at + HEAD));
            if (forms?.some((form) => text.startsWith(form, at))) {
                return true;
            }
        }
        return false;
    }

    /** Every form of every secret so far. */
    all(): string[] {
        return [...this.#forms];
    }

    #add(form: string): void {
        if (this.#forms.has(form)) {
            return;
        }
        this.#forms.add(form);
        if (form.length < HEAD) {
            this.#short.push(form);
            return;
        }
        const head = form.slice(0, HEAD);
        const forms = this.#byHead.get(head);
        if (forms === undefined) {
            this.#byHead.set(head, [form]);
        } else {
            forms.push(form);
        }
    }
}
