import { InvalidArgumentError } from "commander";

/**
 * Reads a whole number from the value of an option.
 *
 * @throws InvalidArgumentError that says what would be right, with the largest number that is allowed
 */
export function wholeNumber(text: string): number {
    if (!/^\d+$/.test(text)) {
        throw new InvalidArgumentError("It must be a whole number, 0 or more.");
    }
    const number = Number(text);
    if (number > Number.MAX_SAFE_INTEGER) {
        throw new InvalidArgumentError(`It must be at most ${Number.MAX_SAFE_INTEGER}.`);
    }
    return number;
}
