#!/usr/bin/env node
/** `npx aks-certificate-rotation`: what one asks of clusters by hand. */
import { Command } from "commander";
import { version } from "../package.json";

const program = new Command("aks-certificate-rotation")
    .description("Looks after the certificates of Azure Kubernetes Service clusters.")
    .version(version)
    .showHelpAfterError();

program.parseAsync().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
});
