import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { delimiter, join } from "node:path";

/**
 * Variables for an engine whose rotators can be held with their record. They are no input of its stack. The rotator loads
 * no code that `NODE_OPTIONS` names, so a `node` of ours stands before the real one.
 */
export const holdsRecords = {
    PATH: [join(__dirname, "record-hook"), process.env.PATH].join(delimiter),
    RECORD_HOOK_NODE: process.execPath,
};

/** The record of a rotator, which is held. */
export interface HeldRecord {
    /** Settles when it is made, and nobody has it. */
    held: Promise<unknown>;
    /** Lets it go, and every later one. */
    release(): void;
}

/** Has the rotator of a project, whose engine has `holdsRecords`, hold its record from now on. */
export async function holdRecord(directory: string): Promise<HeldRecord> {
    const order = join(directory, "tmp", "hold-record");
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
        // It is reset when the rotator is killed.
        socket.on("error", () => undefined).unref();
        sockets.push(socket);
    });
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    writeFileSync(order, String((server.address() as AddressInfo).port));
    return {
        held: once(server, "connection"),
        release: () => {
            rmSync(order, { force: true });
            server.close();
            for (const socket of sockets) {
                socket.destroy();
            }
        },
    };
}
