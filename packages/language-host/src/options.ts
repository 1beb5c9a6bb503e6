/** The `runtime.options` of a Pulumi.yaml. */
export interface RuntimeOptions {
    /** Compiles TypeScript when the program is loaded. @default true */
    typescript: boolean;
    /** Path of the tsconfig.json. @default tsconfig.json in the program's folder */
    tsconfig?: string;
    /** Arguments for Node.js itself. */
    nodeargs: string[];
    /** @default npm */
    packagemanager?: string;
    /** Leaves devDependencies out when dependencies are installed. @default false */
    production: boolean;
}

const PACKAGE_MANAGERS = ["auto", "npm", "yarn", "pnpm", "bun"];

/**
 * Reads the options as the official host does, in its words; options that neither knows are ignored.
 *
 * @throws Error when an option has the wrong type, or asks for what only the official host has.
 */
export function parseOptions(options: Record<string, unknown>): RuntimeOptions {
    const { packagemanager } = options;
    const known = {
        typescript: optional(options, "typescript", "boolean") ?? true,
        tsconfig: optional(options, "tsconfig", "string", "tsconfigpath"),
        nodeargs: splitArguments(optional(options, "nodeargs", "string") ?? ""),
        production: optional(options, "production", "boolean") ?? false,
        packagemanager: optional(options, "packagemanager", "string"),
    };
    if (typeof packagemanager === "string" && !PACKAGE_MANAGERS.includes(packagemanager)) {
        throw new Error(
            `packagemanager option must be one of auto, npm, yarn, pnpm or bun, got ${JSON.stringify(packagemanager)}`,
        );
    }
    return known;
}

interface Types {
    boolean: boolean;
    string: string;
}

function optional<T extends keyof Types>(
    options: Record<string, unknown>,
    name: string,
    type: T,
    nameInError = name,
): Types[T] | undefined {
    const value = options[name];
    if (name in options && typeof value !== type) {
        throw new Error(`${nameInError} option must be a ${type}`);
    }
    return value as Types[T] | undefined;
}

function splitArguments(text: string): string[] {
    if (/["'\\#]/.test(text)) {
        throw new Error(`nodeargs option ${text}: this language host knows no quotes, backslashes or comments in it`);
    }
    return text.split(/\s+/).filter((part) => part !== "");
}
