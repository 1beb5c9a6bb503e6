import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The metadata service of a machine of Azure to which no identity was given. */
export async function imdsWithoutIdentity(): Promise<{ url: string } & AsyncDisposable> {
    const server = createServer((_request, response) => {
        response.writeHead(400, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: "invalid_request", error_description: "Identity not found" }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    return {
        url: `http://127.0.0.1:${port}`,
        [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
    };
}
