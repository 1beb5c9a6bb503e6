/**
 * Whether a command colours what it writes: on a terminal that is not dumb, unless `NO_COLOR` is set; elsewhere where
 * `FORCE_COLOR` is set to something other than 0. Sources: no-color.org, force-color.org.
 */
export function useColor(env: Record<string, string | undefined>, isTerminal: boolean): boolean {
    if (env.NO_COLOR) {
        return false;
    }
    return env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : isTerminal && env.TERM !== "dumb";
}
