import { inert } from "../formats/printable";

/** A result as one line of JSON, in which nothing is left that a terminal or a pipeline acts on where a value is shown. */
export function printable(result: object): string {
    return `${JSON.stringify(result, (_key, value) => (typeof value === "string" ? inert(value) : value))}\n`;
}
