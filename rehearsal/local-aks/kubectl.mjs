/**
 * A stand-in for kubectl, for machines that have none: it knows the three calls that this project makes through
 * runCommand, and speaks like kubectl where it fails.
 *
 *   kubectl get --raw PATH [--server URL] [--certificate-authority FILE] [--tls-server-name NAME]
 *   kubectl get configmap NAME -n NAMESPACE -o jsonpath='{.data.KEY}'
 *   kubectl get poddisruptionbudgets.v1.policy -A -o jsonpath='{range .items[?(@.PATH==NUMBER)]}{.PATH}{"TEXT"}...{end}'
 *
 * The kubeconfig that KUBECONFIG names must be JSON. `proxy-url` in it is honoured; exec plugins are not.
 */
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { parseArgs } from "node:util";

const unknownAuthority = new Set([
    "CERT_SIGNATURE_FAILURE",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function fail(text) {
    process.stderr.write(`${text}\n`);
    process.exit(1);
}

/**
 * The error of a connection in the words of Go's standard library: it looks at the age of the server's certificate first,
 * then at its names, then at who has signed it.
 */
function inGo(error, { hostname, port }, served) {
    const code = error.code ?? String(error);
    const tls = "tls: failed to verify certificate: x509: ";
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const age = (limit, which) =>
        `${tls}certificate has expired or is not yet valid: current time ${now} is ${which} ${new Date(limit).toISOString().replace(/\.\d+/, "")}`;
    if (served !== undefined && Date.parse(served.valid_to) < Date.now()) {
        return age(served.valid_to, "after");
    }
    if (served !== undefined && Date.parse(served.valid_from) > Date.now()) {
        return age(served.valid_from, "before");
    }
    if (unknownAuthority.has(code)) {
        return `${tls}certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "ca")`;
    }
    switch (code) {
        case "CERT_HAS_EXPIRED":
            return age(served?.issuerCertificate?.valid_to ?? Date.now() - 1000, "after");
        case "CERT_NOT_YET_VALID":
            return age(served?.issuerCertificate?.valid_from ?? Date.now() + 1000, "before");
        case "ERR_TLS_CERT_ALTNAME_INVALID":
            return `${tls}certificate is not valid for any names, but wanted to match ${hostname}`;
        case "ECONNREFUSED":
            return `dial tcp ${hostname}:${port}: connect: connection refused`;
        default:
            return error.message || "EOF";
    }
}

/** A socket to an address, through a proxy where there is one. */
function reach({ hostname, port }, proxy, done, failed) {
    if (proxy === undefined) {
        const socket = connectTcp(Number(port || 443), hostname, () => done(socket));
        socket.once("error", failed);
        return;
    }
    const { hostname: host, port: at } = new URL(proxy);
    const socket = connectTcp(Number(at), host, () => {
        socket.write(`CONNECT ${hostname}:${port || 443} HTTP/1.1\r\nHost: ${hostname}:${port || 443}\r\n\r\n`);
        socket.once("data", (head) => (/^HTTP\/1\.1 200/.test(head) ? done(socket) : failed(new Error("Bad Gateway"))));
    });
    socket.once("error", failed);
}

/** Asks for a path; the status and the body. */
function ask(path, { server, ca, name, proxy, user }) {
    const url = new URL(server);
    return new Promise((resolve, reject) => {
        const failed = (error, served) => reject(new Error(inGo(error, url, served)));
        const talk = (socket) => {
            socket.removeAllListeners("error");
            const decoded = (text) => text && Buffer.from(text, "base64").toString("utf8");
            const tls = connectTls({
                socket,
                ca,
                // An address is no server name, but is what the certificate must be of.
                ...(/^[\d.]+$/.test(name ?? url.hostname) ? {} : { servername: name ?? url.hostname }),
                host: name ?? url.hostname,
                cert: decoded(user["client-certificate-data"]),
                key: decoded(user["client-key-data"]),
                // Verified below: only so is the certificate that is refused at hand.
                rejectUnauthorized: false,
            });
            let text = "";
            let isSecure = false;
            tls.setEncoding("utf8");
            tls.once("secureConnect", () => {
                if (!tls.authorized) {
                    failed(Object(tls.authorizationError), tls.getPeerCertificate(true));
                    tls.destroy();
                    return;
                }
                isSecure = true;
                const token = user.token === undefined ? "" : `Authorization: Bearer ${user.token}\r\n`;
                tls.write(`GET ${path} HTTP/1.0\r\nHost: ${url.host}\r\nAccept: application/json\r\n${token}\r\n`);
            });
            tls.on("data", (part) => {
                text += part;
            });
            tls.once("error", failed);
            tls.once("close", () => {
                const [head = "", ...body] = text.split("\r\n\r\n");
                const status = Number(/^HTTP\/1\.\d (\d+)/.exec(head)?.[1]);
                if (isSecure && status > 0) {
                    resolve({ status, body: body.join("\r\n\r\n") });
                } else {
                    failed(new Error("EOF"));
                }
            });
        };
        reach(url, proxy, talk, failed);
    });
}

/** What a jsonpath writes that is one range over the items of which a field is a number. */
function rangeOf(items, output) {
    const [, field, number, parts] =
        /^jsonpath=\{range \.items\[\?\(@\.([\w.]+)==(\d+)\)\]\}(.*)\{end\}$/.exec(output) ??
        fail(`error: the stand-in for kubectl does not know ${output}`);
    const valueAt = (item, path) => path.split(".").reduce((value, name) => value?.[name], item);
    return items
        .filter((item) => valueAt(item, field) === Number(number))
        .map((item) =>
            parts.replace(/\{(?:\.([\w.]+)|("[^"]*"))\}/g, (_, path, text) =>
                text === undefined ? (valueAt(item, path) ?? "") : JSON.parse(text),
            ),
        )
        .join("");
}

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        raw: { type: "string" },
        server: { type: "string", short: "s" },
        "certificate-authority": { type: "string" },
        "tls-server-name": { type: "string" },
        "request-timeout": { type: "string" },
        namespace: { type: "string", short: "n" },
        "all-namespaces": { type: "boolean", short: "A" },
        output: { type: "string", short: "o" },
    },
});
const [verb, kind, object] = positionals;
const config = JSON.parse(readFileSync(process.env.KUBECONFIG, "utf8"));
const { cluster } = config.clusters[0];
const caFile = values["certificate-authority"];
const connection = {
    server: values.server ?? cluster.server,
    ca: caFile ? readFileSync(caFile, "utf8") : Buffer.from(cluster["certificate-authority-data"], "base64").toString(),
    name: values["tls-server-name"],
    proxy: cluster["proxy-url"],
    user: config.users[0].user,
};
const isRaw = verb === "get" && values.raw !== undefined;
const isConfigMap = verb === "get" && kind === "configmap" && object !== undefined;
const isBudgets = verb === "get" && kind === "poddisruptionbudgets.v1.policy" && values["all-namespaces"] === true;
if (!isRaw && !isConfigMap && !isBudgets) {
    fail("error: the stand-in for kubectl knows `get --raw`, `get configmap` and `get poddisruptionbudgets` only");
}
const patienceMs = Number.parseFloat(values["request-timeout"] ?? "30") * 1000;
setTimeout(() => fail("Unable to connect to the server: net/http: request canceled (timeout)"), patienceMs).unref();
const path = isRaw
    ? values.raw
    : isBudgets
      ? "/apis/policy/v1/poddisruptionbudgets"
      : `/api/v1/namespaces/${values.namespace ?? "default"}/configmaps/${object}`;
const { status, body } = await ask(path, connection).catch((error) =>
    fail(`Unable to connect to the server: ${error.message}`),
);
if (status === 401) {
    fail("error: You must be logged in to the server (Unauthorized)");
}
if (status >= 300) {
    const { reason, message } = JSON.parse(body);
    fail(`Error from server (${reason}): ${message}`);
}
if (isBudgets) {
    process.stdout.write(rangeOf(JSON.parse(body).items, values.output ?? ""));
    process.exit(0);
}
const key = /^\{\.data\.(.+)\}$/.exec((values.output ?? "").replace(/^jsonpath=/, ""))?.[1];
process.stdout.write(isRaw ? body : (JSON.parse(body).data?.[key ?? ""] ?? ""));
