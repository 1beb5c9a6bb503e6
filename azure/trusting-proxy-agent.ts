import { HttpsProxyAgent } from "https-proxy-agent";

/** Goes through a proxy, and trusts more CAs: by itself the agent would trust those only on its way to the proxy. */
export class TrustingProxyAgent extends HttpsProxyAgent<string> {
    constructor(
        proxy: string,
        options: ConstructorParameters<typeof HttpsProxyAgent>[1],
        private readonly ca: string[] | undefined,
    ) {
        super(proxy, options);
    }

    override connect(...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>) {
        return super.connect(request, Object.assign({}, options, this.ca && { ca: this.ca }));
    }
}
