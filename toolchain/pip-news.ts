/** Makes sense of what `pip install` prints: which packages it has found, and that it installs them. */
export class PipNews {
    private readonly found = new Set<string>();
    private installing = 0;

    /** Takes one line of stdout. */
    add(line: string): void {
        const [, name] = /^Collecting ([\w.-]+)/.exec(line) ?? [];
        if (name !== undefined) {
            this.found.add(name);
        }
        const [, list] = /^Installing collected packages: (.*)$/.exec(line) ?? [];
        if (list !== undefined) {
            this.installing = list.split(", ").length;
        }
    }

    /** How far it is, e.g. `found 112 packages` or `installing 168 packages`. */
    summary(): string {
        return this.installing === 0 ? `found ${this.found.size} packages` : `installing ${this.installing} packages`;
    }
}
