type Environment = Record<string, string | undefined>;

/**
 * Options of Node.js that may stay in `NODE_OPTIONS`: memory, certificates and TLS, name resolution, and what only makes
 * Node.js quieter. Every other one is left out: it could load code from outside of this package, open a debugger, or print
 * or store what this process handles.
 */
const ALLOWED =
    /^--(no-)?(max-(old|semi|young)-space-size(-percentage)?|max-http-header-size|stack-size|v8-pool-size|secure-heap(-min)?|use-(system|openssl|bundled)-ca|use-env-proxy|tls-(cipher-list|(min|max)-v1\.\d)|openssl-(config|legacy-provider|shared-config)|(enable|force)-fips|dns-result-order|network-family-autoselection(-attempt-timeout)?|ipv6first|warnings|deprecation|disable-warning|disable-wasm-trap-handler|jitless|icu-data-dir|experimental-require-module|permission|allow-[a-z-]+)$/;

/** Variables by which Node.js itself prints what it does; it reads them before any program runs. */
const DEBUG_OF_NODE = ["NODE_DEBUG", "NODE_DEBUG_NATIVE"];

/** Variables by which libraries print what they do; they read them when they are loaded. */
const DEBUG_OF_LIBRARIES = ["AZURE_LOG_LEVEL", "TYPESPEC_RUNTIME_LOG_LEVEL", "DEBUG"];

/** The variable that names the file for what the Azure SDK logs. */
export const LOG_FILE_VARIABLE = "AKS_ROTATION_LOG_FILE";

/** An environment in which nothing prints what this program handles. */
export interface SafeEnvironment {
    env: Environment;
    /** Whether Node.js has acted upon the other one already, so that only a new start helps. */
    needsRestart: boolean;
}

/**
 * Leaves out of an environment what makes Node.js or a library print or store what the program handles.
 *
 * @param env the environment; it stays as it is
 */
export function safeEnvironment(env: Environment): SafeEnvironment {
    const result = { ...env };
    for (const name of [...DEBUG_OF_NODE, ...DEBUG_OF_LIBRARIES]) {
        delete result[name];
    }
    if (env[LOG_FILE_VARIABLE]) {
        result.AZURE_LOG_LEVEL = env.AZURE_LOG_LEVEL || "info";
    }
    const options = safeNodeOptions(env.NODE_OPTIONS ?? "");
    const changesOptions = options !== undefined;
    if (changesOptions) {
        result.NODE_OPTIONS = options;
    }
    return { env: result, needsRestart: changesOptions || DEBUG_OF_NODE.some((name) => env[name]) };
}

/** `NODE_OPTIONS` with the allowed options alone; undefined where there are no others. */
function safeNodeOptions(text: string): string | undefined {
    const kept: string[] = [];
    let isAllowed = false;
    let hasOthers = false;
    for (const word of wordsOf(text)) {
        if (word.startsWith("-")) {
            isAllowed = ALLOWED.test((word.split("=", 1)[0] ?? "").replaceAll("_", "-"));
        }
        // A word that is no option is the value of the one before it.
        if (isAllowed) {
            kept.push(word);
        } else {
            hasOthers = true;
        }
    }
    return hasOthers ? kept.map(quoted).join(" ") : undefined;
}

/** The words of `NODE_OPTIONS` as Node.js splits it: at spaces, except in double quotes, where a backslash escapes. */
function wordsOf(text: string): string[] {
    const words = text.match(/(?:"(?:\\.|[^"\\])*"?|[^ "])+/gs) ?? [];
    return words.map((word) => word.replace(/"((?:\\.|[^"\\])*)"?/gs, (_, inner) => inner.replace(/\\(.)/gs, "$1")));
}

function quoted(word: string): string {
    return /[ "\\]/.test(word) ? `"${word.replace(/["\\]/g, "\\$&")}"` : word;
}
