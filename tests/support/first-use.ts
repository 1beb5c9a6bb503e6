import { readFileSync } from "node:fs";
import { join } from "node:path";

const README = readFileSync(join(__dirname, "..", "..", "README.md"), "utf8");

/** Lines of the first use that prepare for it: what a test does in its own way. */
const PREPARATION = /^(git clone .* && npm install|az login|export ARM_CLIENT_ID=.*)$/;

/** The first use as README has it. */
export interface FirstUse {
    /** The command lines with `pulumi`, in their order. */
    commands: string[];
    /** What a program of one's own installs: the package file, and the packages beside it. */
    install: string[];
    /** The program of one's own. */
    program: string;
    resourceGroup: string;
    clusterName: string;
}

/**
 * Reads the first use from README.
 *
 * @throws Error when it has a line that the tests would leave out
 */
export function readFirstUse(): FirstUse {
    const [, section = ""] = README.split(/^## First use$/m);
    const lines = codeBlock(section, "sh")
        .split("\n")
        .map((line) => line.replace(/\s+#.*$/, ""));
    const commands = lines.filter((line) => line.startsWith("pulumi "));
    const other = lines.filter((line) => line !== "" && !line.startsWith("pulumi ") && !PREPARATION.test(line));
    if (other.length > 0) {
        throw new Error(`README's first use has lines that no test runs: ${other.join("; ")}`);
    }
    const setting = (key: string) =>
        commands.map((line) => line.split(/\s+/)).find((words) => words[3] === key)?.[4] ?? "";
    return {
        commands,
        install: /^npm install (\.\/.*)$/m.exec(section)?.[1]?.split(" ") ?? [],
        program: codeBlock(section, "ts"),
        resourceGroup: setting("resourceGroupName"),
        clusterName: setting("clusterName"),
    };
}

/** The first code block of a language. */
function codeBlock(text: string, language: string): string {
    const [, code] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(text) ?? [];
    if (code === undefined) {
        throw new Error(`README's first use has no code block in ${language}`);
    }
    return code;
}
