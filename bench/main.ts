/** `npm run bench`: what the component costs and gains beside what people do without it. */
import { measureAll } from "./measure-all";
import { fewestRuns, readOptions } from "./options";
import { lastResults, writePage } from "./page";
import { full, quickly } from "./plan";
import { report } from "./report";
import { openStage } from "./stage";

const help = `npm run bench [-- --quick | --runs N | --page]

Measures, in one run on this machine, against the local AKS, four ways to rotate: az and kubectl in a script; a Pulumi
program by hand; the same with clusterIdentifier; the component. They take turns. Then growth up to 100 clusters, the
rotator alone, and status over 100 clusters (light backend). Writes docs/performance.md, its charts, and every single
figure into docs/performance.json. Takes an hour, and wants a machine that does nothing else.

  --runs N   how often each is measured; default ${fewestRuns}, with fewer nothing is written
  --quick    one run, without what takes long, and writes nothing; within 5 minutes, where all tools are there:
             what has not begun after 4 m 30 s is left out, and named
  --page     measures nothing: writes the page and its charts anew from docs/performance.json

  npm run bench -- --quick`;

async function main(): Promise<void> {
    const wanted = readOptions(process.argv.slice(2));
    if (wanted === undefined) {
        console.log(help);
        return;
    }
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
