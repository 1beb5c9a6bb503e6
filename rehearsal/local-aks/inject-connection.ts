import type { Socket } from "node:net";
import type { Strike } from "./faults";
import { LONGEST_WAIT_MS } from "./pause";

/**
 * Does to a connection, before anything was said on it, what a fault says.
 *
 * @param accept lets it go on as if there were no fault.
 */
export function injectIntoConnection({ action, landed, hold }: Strike, socket: Socket, accept: () => void): void {
    // Between a client's leaving and the event that tells of it.
    const acceptIfThere = () => socket.destroyed || accept();
    switch (action.type) {
        case "reset":
            socket.destroy();
            break;
        case "hang":
            // What the client says is read, or its leaving would not be seen.
            socket.resume();
            break;
        case "hold":
            socket.once("close", hold(acceptIfThere));
            break;
        case "delay": {
            const timer = setTimeout(acceptIfThere, Math.min(action.seconds * 1000, LONGEST_WAIT_MS));
            socket.once("close", () => clearTimeout(timer));
            break;
        }
    }
    landed();
}
