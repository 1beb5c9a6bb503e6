import { Option } from "commander";
import { stringify } from "yaml";

const formats = ["table", "json", "yaml"] as const;

/** How a result is written. */
export type OutputFormat = (typeof formats)[number];

/** The option that says how a result is written. */
export function outputOption(): Option {
    return new Option("-o, --output <format>", "format of the result").choices(formats).default("table");
}

/**
 * A result as text, with a line break at its end. In YAML, whatever YAML 1.1 would read as something other than a string, such
 * as an instant, is quoted.
 *
 * @param table writes it for people
 */
export function formatResult<T>(result: T, format: OutputFormat, table: (result: T) => string): string {
    switch (format) {
        case "json":
            return `${JSON.stringify(result, undefined, 2)}\n`;
        case "yaml":
            return stringify(result, { lineWidth: 0, schema: "yaml-1.1" });
        case "table":
            return `${table(result).trimEnd()}\n`;
    }
}
