import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type SignInPlugin, signInProblem } from "../formats/kubeconfig";

/** Where programs are looked for: the environment and the platform. */
export interface Host {
    environment: Record<string, string | undefined>;
    platform: NodeJS.Platform;
    isExecutable: (file: string) => boolean;
}

/** This machine. */
export const thisHost: Host = { environment: process.env, platform: process.platform, isExecutable };

/** What is to be said of a kubeconfig's plugin before a Kubernetes provider gets it. */
export interface PluginVerdict {
    /** Why it cannot work, and what to do. */
    error?: string;
    /** Why it may not work, and what to do. */
    warning?: string;
}

/**
 * Whether the Kubernetes provider of a machine can sign in as a kubeconfig tells it to; undefined where the kubeconfig
 * has a certificate or a token of its own.
 *
 * @param serverApplicationId the only application that tokens may be for. @default the AKS server application
 */
export function judgePlugin(plugin: SignInPlugin | undefined, host: Host, serverApplicationId?: string): PluginVerdict {
    if (plugin === undefined) {
        return {};
    }
    const { kind, name, login } = plugin;
    if (kind === "auth-provider") {
        return {
            error:
                `The kubeconfig signs in by the auth-provider "${name}", which Kubernetes clients have not had since 1.26, the ` +
                'Kubernetes provider among them. Leave out format (or set it to "exec": kubelogin), or set credentials to ' +
                '"admin" where the cluster allows local accounts.',
        };
    }
    const problem = signInProblem(plugin, serverApplicationId);
    if (problem !== undefined) {
        return {
            error: `The Kubernetes provider does not get this kubeconfig: ${problem.message}. ${problem.advice}.`,
        };
    }
    if (findProgram(name, host) === undefined) {
        return {
            error:
                `The kubeconfig signs in to Microsoft Entra ID by the program "${name}", which is not on this machine's PATH, so ` +
                "the Kubernetes provider cannot use it. Install it (`az aks install-cli` installs kubelogin) and, in a " +
                `pipeline, ${pipelineAdvice}; or set credentials to "admin" where the cluster allows local accounts.`,
        };
    }
    if (login === "devicecode" && !host.environment.AAD_LOGIN_METHOD) {
        return {
            warning:
                "The kubeconfig has kubelogin sign in by device code: it asks for a person, whom the Kubernetes provider does not " +
                `have. Where that is not wanted, ${pipelineAdvice}.`,
        };
    }
    return {};
}

const pipelineAdvice =
    "set AAD_LOGIN_METHOD to the way in which kubelogin is to sign in (azurecli after az login, spn, workloadidentity, msi)";

/** The program of a name by PATH, as Go's exec.LookPath finds it. */
function findProgram(name: string, { environment, platform, isExecutable }: Host): string | undefined {
    const extensions = platform === "win32" ? ["", ...(environment.PATHEXT ?? ".EXE;.CMD;.BAT").split(";")] : [""];
    const folders = (environment.PATH ?? environment.Path ?? "").split(delimiter).filter((folder) => folder !== "");
    const files = folders.map((folder) => join(folder, name));
    return files.flatMap((file) => extensions.map((extension) => file + extension)).find(isExecutable);
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}
