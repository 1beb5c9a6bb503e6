import assert from "node:assert/strict";
import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "..", "..");
const file = join(__dirname, "argument-types.ts");
const directive = /\/\/ @ts-expect-error ([^:]+): (.+)$/;

/** The errors of the compiler in argument-types.ts where it expects none: line, from 0, and message with its reasons. */
function compile(): { lines: string[]; errors: Map<number, string> } {
    const path = join(root, "tsconfig.json");
    const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, root);
    const host = ts.createCompilerHost(options);
    const { readFile } = host;
    const text = readFile(file)?.replaceAll("@ts-expect-error", "expected:") ?? "";
    host.readFile = (name) => (name === file ? text : readFile(name));
    const program = ts.createProgram([file], options, host);
    const source = program.getSourceFile(file);
    assert.ok(source);
    const errors = new Map<number, string>();
    for (const { start = 0, messageText } of program.getSemanticDiagnostics(source)) {
        const { line } = source.getLineAndCharacterOfPosition(start);
        errors.set(line, `${errors.get(line) ?? ""}${ts.flattenDiagnosticMessageText(messageText, "\n")}\n`);
    }
    return { lines: (readFile(file) ?? "").split("\n"), errors };
}

describe("the types of the arguments", function () {
    this.timeout(60_000);

    it("refuse what the component would, each for its reason, and nothing else", () => {
        const { lines, errors } = compile();
        const expected = lines.flatMap((line, i) => {
            const [, what, reasons = ""] = directive.exec(line) ?? [];
            return what === undefined ? [] : [{ line: i + 1, what, reasons: reasons.split("|") }];
        });
        assert.ok(expected.length > 10);
        assert.deepEqual(
            [...errors.keys()],
            expected.map(({ line }) => line),
        );
        for (const { line, what, reasons } of expected) {
            const message = errors.get(line) ?? "";
            assert.ok(
                reasons.some((reason) => message.includes(reason)),
                `${what}: ${message}`,
            );
        }
    });
});
