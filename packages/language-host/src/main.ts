/**
 * `pulumi-language-nodejs [-version] [ENGINE]`, as the engine starts it: listens on a free port of 127.0.0.1 and prints
 * the port as its first line. ENGINE is the address of the engine that starts it.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { LanguageHost, VERSION } from "./language-host";

/** The engine's own limit for a message, in bytes. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** Interval between checks that the engine still runs, in milliseconds. */
const ENGINE_CHECK_INTERVAL_MS = 2000;

function main(args: string[]): void {
    const flag = args.find((arg) => arg.startsWith("-"));
    if (flag !== undefined) {
        if (/^--?version$/.test(flag)) {
            console.log(VERSION);
            process.exit(0);
        }
        // Go's flag package, which the official host reads its arguments with, ends so too.
        console.error(`flag provided but not defined: -${flag.replace(/^--?/, "")}`);
        process.exit(2);
    }
    const host = new LanguageHost(args[0] ?? "");
    const server = new Server({
        "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
        "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    });
    server.addService(LanguageRuntimeService, host.handlers);
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) {
            console.error(`could not start language host RPC server: ${error.message}`);
            process.exit(1);
        }
        process.stdout.write(`${port}\n`);
    });
    // The engine interrupts its plugins when it ends; a call under way is finished first.
    process.once("SIGINT", () => server.tryShutdown(() => process.exit(0)));
    // A killed engine interrupts nothing.
    const engine = process.ppid;
    setInterval(() => {
        if (process.ppid !== engine) {
            host.cancel();
            process.exit(0);
        }
    }, ENGINE_CHECK_INTERVAL_MS).unref();
}

main(process.argv.slice(2));
