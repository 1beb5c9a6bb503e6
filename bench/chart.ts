/** Charts as SVG, readable on light and dark ground. */

/** A row of a timeline: what happened from when to when, in seconds. */
export interface Lane {
    title: string;
    bars: { from: number; to: number; kind: Kind }[];
    /** What is said where the last bar ends. */
    note: string;
}

/** What a bar stands for. */
export type Kind = "before" | "rotation" | "outage" | "credentials" | "downstream";

/** Each is told from the others on white and on black, and by those who see no red or green. */
const colours: Record<Kind, string> = {
    before: "#9aa0a6",
    rotation: "#6b8fd6",
    outage: "#d55e00",
    credentials: "#c9a400",
    downstream: "#2a9d8f",
};

const words: Record<Kind, string> = {
    before: "until Azure begins to rotate",
    rotation: "the rotation itself, at Azure",
    outage: "no credentials are accepted",
    credentials: "until the new credentials are fetched",
    downstream: "until the workload is reached with them",
};

const [width, left, right] = [860, 210, 170];
const style = `<style>text{font:13px sans-serif;fill:#24292f}.axis{stroke:#8c959f}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>`;

/** A timeline of several lanes that begin together. */
export function timeline(title: string, lanes: readonly Lane[]): string {
    const most = Math.max(1, ...lanes.flatMap(({ bars }) => bars.map(({ to }) => to)));
    const x = (seconds: number) => left + (seconds / most) * (width - left - right);
    const laneHeight = 44;
    const top = 92;
    const bottom = top + lanes.length * laneHeight;
    const body = lanes.flatMap((lane, i) => {
        const y = top + i * laneHeight;
        const end = Math.max(0, ...lane.bars.map(({ to }) => to));
        return [
            text(left - 10, y + 18, lane.title, "end"),
            ...lane.bars.map(({ from, to, kind }) => {
                const isOutage = kind === "outage";
                const w = Math.max(1, x(to) - x(from));
                return rect(x(from), isOutage ? y + 24 : y + 4, w, isOutage ? 6 : 20, colours[kind]);
            }),
            text(x(end) + 6, y + 18, lane.note),
        ];
    });
    const legend = (Object.keys(words) as Kind[]).flatMap((kind, i) => {
        const [lx, ly] = [20 + (i % 2) * 330, 34 + Math.floor(i / 2) * 18];
        return [rect(lx, ly - 10, 12, 12, colours[kind]), text(lx + 18, ly, words[kind])];
    });
    return svg(bottom + 34, title, [...legend, ...body, ...axis(most, x, bottom)]);
}

/** Lines over a common x, each in a panel of its own that begins at 0. */
export function panels(
    title: string,
    xs: readonly number[],
    unit: string,
    lines: readonly { title: string; values: readonly number[] }[],
): string {
    const [panelWidth, panelHeight, gap, top] = [185, 120, 25, 76];
    const mostX = Math.max(1, ...xs);
    const body = lines.flatMap(({ title: name, values }, i) => {
        const x0 = 20 + i * (panelWidth + gap);
        const y0 = top + panelHeight;
        const most = Math.max(...values, Number.MIN_VALUE);
        const points = xs.map((x, k) => [x0 + (x / mostX) * panelWidth, y0 - ((values[k] ?? 0) / most) * panelHeight]);
        const at = (p: number[]) => p.map((n) => n.toFixed(1)).join(",");
        const [lastX = 0, lastY = 0] = points.at(-1) ?? [];
        return [
            text(x0, 48, name),
            `<path class="axis" fill="none" d="M${x0} ${top}V${y0}H${x0 + panelWidth}"/>`,
            `<polyline fill="none" stroke="${colours.rotation}" stroke-width="2" points="${points.map(at).join(" ")}"/>`,
            ...points.map(
                ([px = 0, py = 0]) =>
                    `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3" fill="${colours.rotation}"/>`,
            ),
            text(lastX, Math.round(lastY) - 8, figure(values.at(-1) ?? 0), "end"),
            text(x0 + panelWidth, y0 + 18, `${mostX} ${unit}`, "end"),
            text(x0, y0 + 18, "0"),
        ];
    });
    return svg(230, title, body);
}

function axis(most: number, x: (seconds: number) => number, y: number): string[] {
    const step = [1, 2, 5, 10, 20, 50, 100].find((candidate) => most / candidate <= 8) ?? 200;
    const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
    return [
        `<path class="axis" d="M${left} ${y}H${x(most).toFixed(1)}"/>`,
        ...ticks.map((tick) => text(x(tick), y + 18, `${tick} s`, "middle")),
    ];
}

function svg(height: number, title: string, body: readonly string[]): string {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
${style}
${[text(20, 16, title), ...body].join("\n")}
</svg>
`;
}

function rect(x: number, y: number, w: number, h: number, fill: string): string {
    return `<rect x="${x.toFixed(1)}" y="${y}" width="${w.toFixed(1)}" height="${h}" rx="2" fill="${fill}"/>`;
}

function text(x: number, y: number, what: string, anchor = "start"): string {
    return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escaped(what)}</text>`;
}

function figure(value: number): string {
    return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function escaped(what: string): string {
    return what.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
