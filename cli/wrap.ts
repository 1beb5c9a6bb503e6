/**
 * Breaks a text into lines between its words. A word that is longer than a line is left whole.
 *
 * @param columns width of a line; undefined: there is no limit
 * @param indent what the first line begins with
 * @param hanging what the other lines begin with
 */
export function wrap(text: string, columns: number | undefined, indent = "", hanging = indent): string {
    const [first = "", ...words] = text.split(" ");
    const lines: string[] = [];
    let line = indent + first;
    for (const word of words) {
        if (columns !== undefined && line.length + 1 + word.length > columns) {
            lines.push(line);
            line = hanging + word;
        } else {
            line += ` ${word}`;
        }
    }
    return [...lines, line].join("\n");
}
