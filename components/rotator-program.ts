import { existsSync } from "node:fs";
import { relative, sep } from "node:path";

/**
 * The path of the rotator, relative to the folder that the Pulumi program runs in, with forward slashes: a Command
 * keeps it in the state, and it must be the same on every machine.
 *
 * @throws Error when the rotator has not been built; only in a checkout of this repository
 */
export function rotatorProgram(): string {
    const file = require.resolve("aks-certificate-rotation/rotator");
    if (!existsSync(file)) {
        throw new Error(`${file} is not there. Build it: npm run build, in the folder of aks-certificate-rotation.`);
    }
    return relative(process.cwd(), file).split(sep).join("/");
}
