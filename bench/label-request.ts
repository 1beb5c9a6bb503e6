/**
 * `node label-request.js KUBECONFIG NAMESPACE CONFIGMAP KEY=VALUE`: the request by which kubectl labels a ConfigMap, where
 * there is no kubectl: with the server, the CA and the client certificate of a kubeconfig, and nothing else.
 */
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { parse } from "yaml";

const [kubeconfig = "", namespace, name, label = ""] = process.argv.slice(2);
const [key = "", value] = label.split("=");
const config = parse(readFileSync(kubeconfig, "utf8"));
const { cluster } = config.clusters[0];
const { user } = config.users[0];
const bytes = (base64: string) => Buffer.from(base64, "base64");
const outgoing = request(
    new URL(`/api/v1/namespaces/${namespace}/configmaps/${name}`, cluster.server),
    {
        method: "PATCH",
        ca: bytes(cluster["certificate-authority-data"]),
        cert: bytes(user["client-certificate-data"]),
        key: bytes(user["client-key-data"]),
        headers: { "content-type": "application/merge-patch+json" },
    },
    (answer) => {
        answer.resume();
        if (answer.statusCode !== 200) {
            console.error(`error: the API server answered ${answer.statusCode}`);
            process.exitCode = 1;
        }
    },
);
outgoing.on("error", ({ message }) => {
    console.error(`error: unable to reach the API server: ${message}`);
    process.exitCode = 1;
});
outgoing.end(JSON.stringify({ metadata: { labels: { [key]: value } } }));
