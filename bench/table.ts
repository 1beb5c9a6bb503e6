import { cell, quotients } from "./figures";
import { type Measure, measures, noOp } from "./measures";
import type { Results } from "./results";

/** The contenders side by side: a row for each measure. */
export function comparison({ contenders }: Results): { head: string[]; rows: string[][] } {
    return {
        head: ["", ...contenders.map(({ contender }) => contender.name)],
        rows: measures.map((measure) => [
            measure.title,
            ...contenders.map(({ contender, measured }) => {
                if (!("of" in measure)) {
                    return measure.tell(measured);
                }
                const hasNone = measure.ofEngine && contender.noEngine;
                return hasNone ? "has none" : cell(measure.of(measured), measure.digits, measure.none);
            }),
        ]),
    };
}

/** The component's figures over those of each other contender, run by run. */
export function ratios({ contenders, plainNoOps }: Results): { head: string[]; rows: string[][] } {
    const ours = contenders.find(({ contender }) => contender.word === "ours")?.measured;
    const others = contenders.filter(({ contender }) => contender.word !== "ours");
    const compared = measures.filter((measure): measure is Measure => "of" in measure && measure.compared === true);
    return {
        head: ["The component's, over that of", ...others.map(({ contender }) => contender.name), "a plain Provider"],
        rows: compared.map((measure) => {
            const mine = ours ? measure.of(ours) : [];
            const over = (theirs: (number | null | undefined)[]) =>
                theirs.length === 0 ? "–" : cell(quotients(mine, theirs), 2, "–");
            return [
                measure.title.replace(/, (s|MB)$/, ""),
                ...others.map(({ measured }) => over(measure.of(measured))),
                measure === noOp ? over(plainNoOps) : "–",
            ];
        }),
    };
}
