import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { run } from "../../cli/run";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";

/** What a command has come to. */
export interface Ran {
    code: number;
    out: string;
    err: string;
}

/** How a command is run, where it is not as usual. */
export interface Circumstances {
    env?: Record<string, string | undefined>;
    stdin?: string;
    isTerminal?: boolean;
    now?: () => number;
    /** Is called with each text that is written to standard error, when it is written. */
    onErr?: (text: string) => void;
}

/** Runs one command line in this process, against a local AKS, as the environment of its process would have it. */
export async function commandLine(
    aks: Pick<LocalAks, "environment" | "caFile">,
    args: string[],
    { env, stdin = "", isTerminal = false, now = Date.now, onErr }: Circumstances = {},
): Promise<Ran> {
    const ran = { code: 0, out: "", err: "" };
    const trusted = getCACertificates("default");
    // NODE_EXTRA_CA_CERTS is read when a process starts, and this one runs already.
    setDefaultCACertificates([...trusted, readFileSync(aks.caFile, "utf8")]);
    try {
        ran.code = await run(args, {
            // A home folder of its own: nobody's kubeconfig is touched by a test that forgets to say which.
            env: { HOME: "/nonexistent", PATH: process.env.PATH, ...aks.environment, ...env },
            out: (text) => {
                ran.out += text;
            },
            err: (text) => {
                ran.err += text;
                onErr?.(text);
            },
            isTerminal,
            stdin: async () => stdin,
            now,
        });
    } finally {
        setDefaultCACertificates(trusted);
    }
    return ran;
}
