/** `npm run bench`: what the component costs and gains beside what people do without it. */
import { measureAll } from "./measure-all";
import { fewestRuns, readOptions } from "./options";
import { lastResults, writePage } from "./page";
import { full, quickly } from "./plan";
import { report } from "./report";
import { openStage } from "./stage";

async function main(): Promise<void> {
    const wanted = readOptions(process.argv.slice(2));
    if (wanted.what === "page") {
        writePage(lastResults());
        return;
    }
    const began = performance.now();
    await using stage = await openStage((line) => console.error(line));
    const seconds = () => (performance.now() - began) / 1000;
    const results = await measureAll(stage, wanted.what === "quick" ? quickly : full(wanted.runs), seconds);
    console.log(report(results));
    console.log(`\nMeasured in ${(seconds() / 60).toFixed(1)} minutes.`);
    if (results.runs >= fewestRuns) {
        writePage(results);
        console.log("docs/performance.md, its charts and docs/performance.json are written.");
    }
}

main().then(
    () => process.exit(0),
    (error: Error) => {
        console.error(error.message);
        process.exit(1);
    },
);
