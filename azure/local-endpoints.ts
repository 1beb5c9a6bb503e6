/** Where managed identities are asked for: IMDS, and on the machine itself App Service and Azure Arc. */
const local = ["169.254.169.254", "127.0.0.1", "localhost", "::1"];

/**
 * Keeps the SDK from asking for managed identities through HTTPS_PROXY, whose machine would answer with its own identity or
 * not at all. The SDK takes no option for that, but reads NO_PROXY once, when it makes its first client: so this comes before.
 */
export function exemptLocalEndpoints(): void {
    const { env } = process;
    const name = !env.NO_PROXY && env.no_proxy ? "no_proxy" : "NO_PROXY";
    const list = (env[name] ?? "").split(",").filter(Boolean);
    env[name] = [...list, ...local.filter((host) => !list.includes(host))].join(",");
}
