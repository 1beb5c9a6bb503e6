import type { X509Certificate } from "node:crypto";
import type { Address } from "./api-server";
import type { DisruptionBudget } from "./preflight/list-disruption-budgets";
import type { ProbeSchedule } from "./probe-server-ca";

/** What one call of kubectl came to. */
export interface CallAnswer {
    exitCode: number;
    /** What it has written, both streams. */
    text: string;
}

/** The name of the call that reads which client certificates the API server accepts. */
export const clientCaCall = "clientCa";

/** The name of the call that lists pod disruption budgets. */
export const budgetsCall = "budgets";

const mark = "@@ aks-certificate-rotation";
const end = `echo '${mark} end'`;

/** A CA that a script tries alone. */
export interface TriedCa {
    ca: readonly X509Certificate[];
    /** The new connections to make with it. */
    schedule: ProbeSchedule;
}

/**
 * The shell script that asks an API server from within its cluster: kubectl alone, and nothing secret. Calls for each CA
 * that is to be tried alone, by name, and one for the CA of the client certificates that the server accepts. Each kubectl
 * is a process of its own, and so a new connection.
 *
 * @param cas names of letters
 */
export function askingScript(
    { server, serverName }: Address,
    cas: Record<string, TriedCa>,
    withClientCa: boolean,
): string {
    const name = serverName === undefined ? "" : ` --tls-server-name ${quoted(serverName)}`;
    const files = Object.entries(cas).map(
        ([file, { ca }]) =>
            `cat > ${file}.pem <<'END'\n${ca.map(String).join("\n").replace(/\n+/g, "\n").trimEnd()}\nEND`,
    );
    const calls = Object.entries(cas).map(([file, { schedule }]) =>
        repeated(
            schedule,
            call(
                `${file}.$n`,
                `get --raw /version --server ${quoted(server)} --certificate-authority ${file}.pem${name}`,
            ),
        ),
    );
    if (withClientCa) {
        const jsonPath = "'jsonpath={.data.client-ca-file}'";
        calls.push(
            call(clientCaCall, `get configmap extension-apiserver-authentication -n kube-system -o ${jsonPath}`),
        );
    }
    return ['cd "$(mktemp -d)" || exit 1', ...files, ...calls, end].join("\n");
}

/**
 * The shell script that lists the pod disruption budgets which let no pod be evicted now, each as its namespace, its name
 * and how many pods it covers. AKS gives back half a megabyte of what a command writes: so no more than that of each, and
 * where it is cut off all the same the end is missing.
 */
export function budgetsScript(): string {
    const jsonPath =
        "{range .items[?(@.status.disruptionsAllowed==0)]}" +
        '{.metadata.namespace}{" "}{.metadata.name}{" "}{.status.expectedPods}{"\\n"}{end}';
    return `${call(budgetsCall, `get poddisruptionbudgets.v1.policy -A -o ${quoted(`jsonpath=${jsonPath}`)}`)}\n${end}`;
}

/**
 * Reads what the pod disruption budgets are.
 *
 * @throws Error when they could not be listed
 */
export function readBudgets({ exitCode, text }: CallAnswer): DisruptionBudget[] {
    if (exitCode !== 0) {
        throw new Error(
            /\(Forbidden\)/.test(text)
                ? "these credentials may not list them"
                : `kubectl in the cluster says: ${text.split("\n").at(-1) || `exit code ${exitCode}`}`,
        );
    }
    // Warnings of kubectl are among the lines.
    return [...text.matchAll(/^([a-z\d.-]+) ([a-z\d.-]+) (\d+)$/gm)].map(([, namespace = "", name = "", pods]) => ({
        namespace,
        name,
        disruptionsAllowed: 0,
        expectedPods: Number(pods),
    }));
}

/**
 * What each call of the script came to, by name.
 *
 * @throws Error when the script was not run to its end
 */
export function readAnswers(logs: string): Record<string, CallAnswer> {
    const answers: Record<string, CallAnswer> = {};
    const [, ...parts] = logs.replaceAll("\r\n", "\n").split(`${mark} `);
    if (parts.at(-1)?.trim() !== "end") {
        throw new Error("the command in the cluster did not come to its end");
    }
    for (const part of parts.slice(0, -1)) {
        const [head = "", ...rest] = part.split("\n");
        const [name = "", exitCode] = head.split(" ");
        answers[name] = { exitCode: Number(exitCode), text: rest.join("\n").trim() };
    }
    return answers;
}

/** What trying a CA alone has shown. */
export type Trial =
    | { trusted: true }
    | {
          trusted: false;
          /** The CA has not signed the server's certificate; else it is refused for its age or its names. */
          unknownAuthority: boolean;
          /** The server's certificate, or the CA that has signed it, has expired; one that is not valid yet has not. */
          expired: boolean;
          reason: string;
      };

/**
 * kubectl's words for an answer of the API server itself, which came through TLS. A proxy on the way can say Forbidden
 * too, after "Unable to connect to the server". Source: StandardErrorMessage of kubectl.
 */
const apiServerRefuses = /^(Error from server \(|error: You must be logged in)/m;

/**
 * Reads what trying a CA alone has shown.
 *
 * @throws Error when there was no answer that tells
 */
export function readTrial({ exitCode, text }: CallAnswer): Trial {
    const refusal = /x509: [^\n]*/.exec(text)?.[0];
    if (refusal !== undefined) {
        // Go calls a CA that has signed, but is too old or too young, unknown too, and says in brackets why.
        const isForAge = refusal.includes("has expired or is not yet valid");
        return {
            trusted: false,
            unknownAuthority: refusal.includes("unknown authority") && !isForAge,
            expired: isForAge && / is after /.test(refusal),
            reason: refusal,
        };
    }
    if (exitCode === 0 || (apiServerRefuses.test(text) && !text.includes("Unable to connect"))) {
        return { trusted: true };
    }
    throw new Error(`kubectl in the cluster says: ${text.split("\n").at(-1) || `exit code ${exitCode}`}`);
}

function call(name: string, args: string): string {
    return `a=$(kubectl ${args} --request-timeout=10s 2>&1); echo "${mark} ${name} $?"; printf '%s\\n' "$a"`;
}

/** A call once for each connection of a schedule, its number in `$n`. */
function repeated({ connections, overMs }: ProbeSchedule, once: string): string {
    const seconds = (overMs / 1000 / Math.max(1, connections - 1)).toFixed(3);
    // A sleep that takes whole seconds only is one that takes longer, not one that fails.
    const pause = `sleep ${seconds} 2>/dev/null || sleep ${Math.ceil(Number(seconds))}`;
    return `n=1; while :; do ${once}; [ $n -ge ${connections} ] && break; n=$((n+1)); ${pause}; done`;
}

function quoted(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
