#!/usr/bin/env node
/** `npx aks-certificate-rotation`: what one asks of clusters by hand. */
import { text } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { useColor } from "./color";
import { run } from "./run";

// What is read of many clusters is soon of no use: V8 need not make room for it, which takes a fifth of the memory.
// (A V8 that did not know the flag would say so on standard error, and go on.)
setFlagsFromString("--semi-space-growth-factor=1");

// Whoever reads the result can have read enough, as `head` has.
process.stdout.on("error", () => process.exit());

run(process.argv.slice(2), {
    env: process.env,
    out: (words) => process.stdout.write(words),
    err: (words) => process.stderr.write(words),
    isTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns,
    color: useColor(process.env, process.stdout.isTTY === true),
    stdin: () => text(process.stdin),
    now: () => Date.now(),
}).then((code) => {
    // Connections that are kept alive would keep the process so too; what is written comes first.
    process.stdout.write("", () => process.exit(code));
});
