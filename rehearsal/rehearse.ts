/** `npm run rehearse`: the whole job on a real engine and a real API server, told as it goes. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { tellRehearsal } from "./story";

async function main(): Promise<number> {
    const { values } = parseArgs({
        options: {
            report: { type: "string" },
            "rotation-seconds": { type: "string", default: "10" },
        },
    });
    const rotationSeconds = Number(values["rotation-seconds"]);
    if (!(rotationSeconds > 0)) {
        throw new Error(`--rotation-seconds is "${values["rotation-seconds"]}", but must be a number above 0.`);
    }
    const file = values.report === undefined ? undefined : resolve(values.report);
    const { report, held } = await tellRehearsal({ rotationSeconds, out: console.log });
    if (file !== undefined) {
        await writeFile(file, `${JSON.stringify(report, undefined, 4)}\n`);
        console.log(`The report is in ${file}.`);
    }
    return held ? 0 : 1;
}

main().then(
    (code) => process.exit(code),
    (error: Error) => {
        console.error(error.message);
        process.exit(1);
    },
);
