import type { Results } from "./results";

/** All that a run has found as JSON, which knows no undefined: in a list it is null there. */
export function toJson(results: Results): string {
    return `${JSON.stringify(results, undefined, 1)}\n`;
}

/** The same back; contenders cannot be opened. */
export function fromJson(json: string): Results {
    return withoutNull(JSON.parse(json)) as Results;
}

function withoutNull(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(withoutNull);
    }
    if (typeof value === "object" && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutNull(each)]));
    }
    return value ?? undefined;
}
