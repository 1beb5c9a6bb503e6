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
    /** How many resources change with a raised generation: those of the stack program, and of the program of one's own. */
    raised: { checkout: RaisedCounts; own: RaisedCounts };
}

/** How many resources a preview has to update, and how many the `up` has updated. */
export interface RaisedCounts {
    preview: number;
    up: number;
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
    const counts = (text: string): RaisedCounts => ({
        preview: Number(/(\d+) to update/.exec(text)?.[1]),
        up: Number(/(\d+) updated/.exec(text)?.[1]),
    });
    const setting = (key: string) =>
        commands.map((line) => line.split(/\s+/)).find((words) => words[3] === key)?.[4] ?? "";
    return {
        commands,
        install: /^npm install (\.\/.*)$/m.exec(section)?.[1]?.split(" ") ?? [],
        program: codeBlock(section, "ts"),
        resourceGroup: setting("resourceGroupName"),
        clusterName: setting("clusterName"),
        raised: {
            checkout: counts(codeBlock(section, "sh")),
            own: counts(/^With a raised generation, .*$/m.exec(section)?.[0] ?? ""),
        },
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
