import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Clock } from "./clock";
import type { RequestKind } from "./request-kind";

const NOT_OF_RESOURCE_MANAGER: RequestKind[] = ["discovery", "token", "apiServer", "control"];

/**
 * Sets the headers that every answer has, whatever it says: Date by the clock of Azure, and with Resource Manager
 * x-ms-request-id and x-ms-correlation-request-id.
 * Source: https://github.com/Azure/azure-resource-manager-rpc/blob/master/v1.0/common-api-details.md
 */
export function stamp(response: ServerResponse, kind: RequestKind, clock: Clock): void {
    if (kind === "control") {
        return;
    }
    // Node.js would add the machine's date where a fault leaves the header out.
    response.sendDate = false;
    response.setHeader("date", clock.date().toUTCString());
    if (!NOT_OF_RESOURCE_MANAGER.includes(kind)) {
        response.setHeader("x-ms-request-id", randomUUID());
        response.setHeader("x-ms-correlation-request-id", randomUUID());
    }
}
