/**
 * How this package reads YAML. By default the library prints warnings to standard error, and its errors repeat a piece of
 * the text: of a kubeconfig both can hold a key or a token. (`logLevel: "silent"` would hide errors too.)
 */
export const YAML_OPTIONS = { prettyErrors: false, logLevel: "error" } as const;
