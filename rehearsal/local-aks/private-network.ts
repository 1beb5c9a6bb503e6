import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * The network before an API server that is not for everybody. From outside there is a gate: a port that hands
 * connections on, or cuts them off before anything is said (Azure drops them in silence, which takes longer to notice).
 * From inside, as for the pod of a command, there is a proxy through which the same address leads to the API server.
 */
export class PrivateNetwork {
    readonly #sockets = new Set<Socket>();

    private constructor(
        private readonly gate: Server,
        private readonly proxy: HttpServer,
    ) {}

    /**
     * @param hidden port of the API server on 127.0.0.1
     * @param isOpen whether those outside are let in, asked for each connection
     */
    static async open(hidden: number, isOpen: () => boolean): Promise<PrivateNetwork> {
        const gate = createServer((socket) => {
            if (isOpen()) {
                network.#join(socket, hidden);
            } else {
                socket.destroy();
            }
        });
        const proxy = createHttpServer((_request, response) => response.writeHead(405).end());
        proxy.on("connect", ({ url = "" }, socket: Socket, head: Buffer) => {
            if (new URL(`https://${url}`).port !== String(portOf(gate))) {
                socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
                return;
            }
            socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
            network.#join(socket, hidden, head);
        });
        const network = new PrivateNetwork(gate, proxy);
        for (const server of [gate, proxy]) {
            server.listen(0, "127.0.0.1");
            await once(server, "listening");
        }
        return network;
    }

    /** Where the API server is said to be. */
    get url(): string {
        return `https://127.0.0.1:${portOf(this.gate)}`;
    }

    /** The proxy that those inside go through. */
    get proxyUrl(): string {
        return `http://127.0.0.1:${portOf(this.proxy)}`;
    }

    async close(): Promise<void> {
        const closed = [this.gate, this.proxy].map((server) => once(server.close(), "close"));
        this.proxy.closeAllConnections();
        for (const socket of this.#sockets) {
            socket.destroy();
        }
        await Promise.all(closed);
    }

    #join(socket: Socket, port: number, head?: Buffer): void {
        const inner = connect(port, "127.0.0.1");
        if (head !== undefined && head.length > 0) {
            inner.write(head);
        }
        for (const [one, other] of [
            [socket, inner],
            [inner, socket],
        ] as const) {
            this.#sockets.add(one);
            one.on("error", () => other.destroy());
            one.once("close", () => {
                this.#sockets.delete(one);
                other.destroy();
            });
        }
        socket.pipe(inner).pipe(socket);
    }
}

function portOf(server: Server | HttpServer): number {
    return (server.address() as AddressInfo).port;
}
