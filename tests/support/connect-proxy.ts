import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** A proxy that takes every name for 127.0.0.1, as if it alone knew the way to it. */
export interface ConnectProxy extends AsyncDisposable {
    url: string;
    /** What it was asked to connect to, such as "local-aks.test:443". */
    targets: string[];
}

/** Starts one. @param user "name:password" that it wants to be told; default: none */
export async function startConnectProxy(user?: string): Promise<ConnectProxy> {
    const targets: string[] = [];
    const sockets = new Set<{ destroy(): void }>();
    const server = createServer((_request, response) => response.writeHead(405).end());
    server.on("connect", (request, socket) => {
        const target = request.url ?? "";
        sockets.add(socket);
        socket.on("error", () => socket.destroy());
        const expected = user && `Basic ${Buffer.from(user).toString("base64")}`;
        if (expected && request.headers["proxy-authorization"] !== expected) {
            socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
            return;
        }
        targets.push(target);
        const upstream = connect(Number(target.split(":").at(-1)), "127.0.0.1", () => {
            socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
            socket.pipe(upstream).pipe(socket);
        });
        upstream.on("error", () => socket.destroy());
        sockets.add(upstream);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
        url: `http://${user ? `${user}@` : ""}127.0.0.1:${port}`,
        targets,
        [Symbol.asyncDispose]: async () => {
            for (const socket of sockets) {
                socket.destroy();
            }
            server.close();
            await once(server, "close");
        },
    };
}
