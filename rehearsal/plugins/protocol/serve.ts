import { flushCompileCache } from "node:module";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { EngineLog } from "./engine-log";
import type { Plugin } from "./plugin";
import { service } from "./service";

/** Messages can be large (a CustomResourceDefinition, a state full of objects): the engine's own limit, in bytes. */
const maximum = 400 * 1024 * 1024;

/** How often a plugin looks whether its engine is still there, in milliseconds. */
const lookAfter = 2000;

/**
 * Runs a plugin as the engine expects one: it listens on a free local port and prints the port as its first line. The
 * engine's own address is the first argument that is not an option.
 *
 * An engine that is killed cannot end its plugins. They end by themselves then, but not before the calls under way
 * are finished: the official plugins let a running command go on, too.
 */
export function serve(plugin: Plugin): void {
    const log = new EngineLog(process.argv.slice(2).find((argument) => !argument.startsWith("-")));
    const server = new Server({ "grpc.max_receive_message_length": maximum, "grpc.max_send_message_length": maximum });
    const { handlers, calls } = service(plugin, log);
    server.addService(ResourceProviderService, handlers);
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) {
            console.error(`The plugin cannot listen on 127.0.0.1: ${error.message}`);
            process.exit(1);
        }
        process.stdout.write(`${port}\n`);
        // The engine ends its plugins without asking them: what is to be kept is written now.
        setImmediate(flushCompileCache);
    });
    const engine = process.ppid;
    setInterval(() => {
        if (process.ppid !== engine && calls.count === 0) {
            process.exit();
        }
    }, lookAfter).unref();
}
