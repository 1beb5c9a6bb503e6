/**
 * A program that starts another one beside it, and lets Node.js keep what it has compiled of that in the folder `compiled`,
 * beside it too, so that the next start need not compile it again. Who can write there could change the program as well;
 * where the folder cannot be made, is another user's, or others may write to it, nothing is kept, and nothing is said.
 *
 * @param bundle the other one, such as ./rotator.bundle.js
 * @param flags of V8: set before anything is compiled, since what was kept under other flags is not taken; V8 only
 * complains, on standard error, of one that it does not know
 * @param guard code that sets `guard.guard`: it receives what starts the program, and calls it unless another process shall
 * run it
 */
export const launcher = (bundle, flags = [], guard = undefined) => {
    const start = `${flags.length === 0 ? "" : setting(flags)}try {
    const { lstatSync, mkdirSync } = require("node:fs");
    const folder = require("node:path").join(__dirname, "compiled");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(folder);
    if (process.platform === "win32" || (uid === process.getuid() && (mode & 0o022) === 0)) {
        require("node:module").enableCompileCache?.(folder);
    }
} catch {}
require(${JSON.stringify(bundle)});
`;
    // Whoever has done its work says so: a program that ends without a word, as one of which nothing is there, has not.
    return `"use strict";
process.exitCode = 1;
${guard === undefined ? start : `${guard}guard.guard(() => {\n${start}});\n`}`;
};

const setting = (flags) => `try {
    for (const flag of ${JSON.stringify(flags)}) {
        require("node:v8").setFlagsFromString(flag);
    }
} catch {}
`;
