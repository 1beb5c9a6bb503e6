/** That a command was called as it cannot be: an error that is told with how to see its help. */
export class UsageError extends Error {
    override name = "UsageError";
}
