import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./way";

/**
 * The cloud that the az CLI has been set to, by its own name, such as AzureChinaCloud; undefined where it was never set:
 * then it is the public one. Source: az's configuration, `[cloud] name` in the file `config` of AZURE_CONFIG_DIR, or
 * AZURE_CLOUD_NAME.
 */
export function azCliCloud(env: Environment): string | undefined {
    if (env.AZURE_CLOUD_NAME) {
        return env.AZURE_CLOUD_NAME;
    }
    const folder = env.AZURE_CONFIG_DIR || join(env.HOME || homedir(), ".azure");
    let text: string;
    try {
        text = readFileSync(join(folder, "config"), "utf8");
    } catch {
        return undefined;
    }
    const section = /^\[cloud\]$([^[]*)/m.exec(text.replaceAll("\r", ""))?.[1] ?? "";
    return /^name\s*=\s*(\S+)\s*$/m.exec(section)?.[1];
}
