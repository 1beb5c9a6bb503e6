/** What one fault came to: a row of docs/reliability.md. */
export interface Row {
    /** What kind of fault it is: a table of the document. */
    chapter: string;
    /** What was broken. */
    broken: string;
    /** Where, or how. */
    where: string;
    /** How often it was broken. */
    times: number;
    /** What the user reads, in part. */
    saw: string;
    /** Rotations that the cluster counted. */
    rotations: number;
    /** The record's outcome in the end. */
    record: string;
}
