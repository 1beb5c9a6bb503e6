/** Where an engine can die; in the order of an `up`. Before the POST a run looks for its engine a last time. */
export const points = [
    "before the intent is saved",
    "after the intent is saved",
    "before a look",
    "before the POST",
    "while the POST is on its way",
    "between POST and answer",
    "after the answer",
    "while it waits",
    "before the verification",
    "before the record is saved",
] as const;

/** Where an engine is while time passes. */
export interface Pause {
    at: (typeof points)[number];
    ms: number;
}
