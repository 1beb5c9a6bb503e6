import { flagValue } from "../formats/kubeconfig";

/** How kubelogin can sign in. Source: the option `--login` of `kubelogin get-token`. */
export const loginMethods = [
    "azurecli",
    "azd",
    "azurepipelines",
    "devicecode",
    "interactive",
    "msi",
    "ropc",
    "spn",
    "workloadidentity",
] as const;

/** One way in which kubelogin signs in. */
export type LoginMethod = (typeof loginMethods)[number];

/**
 * The methods that find out by themselves as whom they sign in, and of which tenant: kubelogin's own conversion leaves out
 * application, tenant and cloud of AKS's kubeconfig for them. Source: Azure/kubelogin, `pkg/internal/converter/convert.go`.
 */
const selfReliant: readonly LoginMethod[] = ["azurecli", "azd", "azurepipelines", "msi", "workloadidentity"];

/** A kubeconfig's `exec`: the program that fetches a user's token. */
export interface Exec {
    command?: string;
    args?: string[] | null;
    [key: string]: unknown;
}

/**
 * The `exec` that an entry has after a merge: the one that the user has made of AKS's, as `kubelogin convert-kubeconfig` does,
 * where it fetches a token for the same application and, where both name one, of the same tenant; else AKS's.
 *
 * @param old of the user's kubeconfig; undefined where there is none
 * @param fresh of AKS's kubeconfig
 * @param login how kubelogin is to sign in; undefined: as in the user's kubeconfig, else as AKS says
 */
export function mergedExec(old: Exec | undefined, fresh: Exec, login?: LoginMethod): Exec {
    const isKept = old !== undefined && isForTheSame(old, fresh) && (login === undefined || loginOf(old) === login);
    if (isKept) {
        return old;
    }
    return login === undefined || loginOf(fresh) === login ? fresh : withLogin(fresh, login);
}

/** How an `exec` signs in, such as devicecode; undefined where it does not say. */
export function loginOf(exec: Exec): string | undefined {
    return flagValue(argsOf(exec), ["--login", "-l"]);
}

/** The arguments of an `exec`, which can be anything where a person has written it. */
function argsOf(exec: Exec): string[] {
    const args: unknown = exec?.args;
    return Array.isArray(args) ? args.filter((arg) => typeof arg === "string") : [];
}

function isForTheSame(old: Exec, fresh: Exec): boolean {
    const both = (...names: string[]) => [old, fresh].map((exec) => flagValue(argsOf(exec), names));
    const [server, freshServer] = both("--server-id");
    const [tenant, freshTenant] = both("--tenant-id", "-t");
    const isSameTenant = tenant === undefined || freshTenant === undefined || tenant === freshTenant;
    return server !== undefined && server === freshServer && isSameTenant;
}

function withLogin(exec: Exec, login: LoginMethod): Exec {
    const args = argsOf(exec);
    const flags = [
        "--server-id",
        ...(selfReliant.includes(login) ? [] : ["--client-id", "--tenant-id", "--environment"]),
    ];
    const values = flags.flatMap((flag) => {
        const value = flagValue(args, [flag]);
        return value === undefined ? [] : [flag, value];
    });
    return { ...exec, args: ["get-token", "--login", login, ...values] };
}
