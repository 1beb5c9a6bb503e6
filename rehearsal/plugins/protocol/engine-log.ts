import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { Severity } from "./plugin";

const severities = {
    debug: LogSeverity.DEBUG,
    info: LogSeverity.INFO,
    warning: LogSeverity.WARNING,
    error: LogSeverity.ERROR,
};

/** Sends messages to the engine, which shows them to the user, one after another and in order. */
export class EngineLog {
    #client: EngineClient | undefined;
    #last: Promise<void> = Promise.resolve();

    /** @param address The engine's, `host:port`; without one, messages go nowhere. */
    constructor(address: string | undefined) {
        this.attach(address);
    }

    /** Sends what follows to another engine. */
    attach(address: string | undefined): void {
        this.#client = address ? new EngineClient(address, credentials.createInsecure()) : undefined;
    }

    /** Sends a message about the resource `urn`; never fails, since a lost message is no reason to stop. */
    send(severity: Severity, message: string, urn: string, ephemeral = false): void {
        const client = this.#client;
        if (!client) {
            return;
        }
        const request = new LogRequest()
            .setSeverity(severities[severity])
            .setMessage(message)
            .setUrn(urn)
            .setEphemeral(ephemeral);
        this.#last = this.#last.then(() => new Promise((resolve) => client.log(request, () => resolve())));
    }

    /** Waits until the engine has every message sent so far. */
    sent(): Promise<void> {
        return this.#last;
    }
}
