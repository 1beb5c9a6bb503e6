/**
 * Replaces a section of a page: what is between the lines `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error when the page has no such section
 */
export function replaceSection(page: string, name: string, content: string): string {
    const { from, to } = boundsOf(page, name);
    return `${page.slice(0, from)}\n${content.trim()}\n\n${page.slice(to)}`;
}

/**
 * The section of a page.
 *
 * @throws Error when the page has no such section
 */
export function sectionOf(page: string, name: string): string {
    const { from, to } = boundsOf(page, name);
    return page.slice(from, to).trim();
}

function boundsOf(page: string, name: string): { from: number; to: number } {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
    const [from, to] = [page.indexOf(begin), page.indexOf(end)];
    if (from < 0 || to < from) {
        throw new Error(`The page has no section "${name}": it lacks ${begin.trim()} or ${end.trim()}.`);
    }
    return { from: from + begin.length, to };
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
