/** `npm run bench`: what the component costs beside the same program without it. */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { measureNoOp } from "./no-op";
import { measureRotator } from "./rotator";
import { openStage } from "./stage";
import { written } from "./statistics";
import { measureStatus } from "./status";

const clusters = 100;

const help = `npm run bench [-- --runs N]

Measures, in one run on this machine, against the local AKS:
  - an up that changes nothing, with the component and with a plain kubernetes Provider, in turn
  - the rotator: time to its first connection, and resident memory while it waits
  - \`status\` over 100 clusters (light backend): time, and the most memory that was resident

Every figure is a median with minimum and maximum.

  --runs N   how often each is measured; default 5`;

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: { runs: { type: "string", default: "5" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help) {
        console.log(help);
        return;
    }
    const runs = Number(values.runs);
    if (!Number.isInteger(runs) || runs < 1) {
        throw new Error(`--runs is "${values.runs}", but must be a whole number, 1 or more.`);
    }
    await using stage = await openStage((line) => console.error(line));
    const noOp = await measureNoOp(stage, runs);
    const rotator = await measureRotator(stage, runs);
    const status = await measureStatus(clusters, runs, stage.progress);
    const table = new Table({
        head: ["measured", `median (least to most) of ${runs}`],
        style: { head: [], border: [] },
    });
    table.push(
        ["no-op up with the component, s", written(noOp.component)],
        ["no-op up with a plain Provider, s", written(noOp.plain)],
        ["the one over the other", written(noOp.ratio)],
        ["rotator, start to first connection, ms", written(rotator.firstRequestMs, 0)],
        ["bare Node.js, start to first connection, ms", written(rotator.bareNodeMs, 0)],
        ["rotator, resident while it waits, MB", written(rotator.residentMb, 0)],
        [`status over ${clusters} clusters, s`, written(status.seconds)],
        [`status over ${clusters} clusters, resident at most, MB`, written(status.peakMb, 0)],
    );
    const standIns = stage.plugins.filter(({ official }) => !official).map(({ name }) => name);
    console.log(table.toString());
    console.log(`Pulumi ${stage.pulumi.version}; stand-in plugins: ${standIns.join(", ") || "none"}.`);
}

main().then(
    () => process.exit(0),
    (error: Error) => {
        console.error(error.message);
        process.exit(1);
    },
);
