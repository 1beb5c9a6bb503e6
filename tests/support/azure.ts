import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";

/** What an administrator does beside us: an action of the Azure API on a cluster, such as "stop". */
export async function act(
    aks: LocalAks,
    cluster: { resourceGroup: string; name: string },
    action: string,
): Promise<void> {
    const { ARM_CLIENT_ID = "", ARM_CLIENT_SECRET = "" } = aks.environment;
    const form = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: ARM_CLIENT_ID,
        client_secret: ARM_CLIENT_SECRET,
        scope: `${aks.url}/.default`,
    });
    const token = JSON.parse(
        await post(aks, `/${aks.tenantId}/oauth2/v2.0/token`, form.toString(), {
            "content-type": "application/x-www-form-urlencoded",
        }),
    ).access_token;
    const id =
        `/subscriptions/${aks.subscriptionId}/resourceGroups/${cluster.resourceGroup}` +
        `/providers/Microsoft.ContainerService/managedClusters/${cluster.name}`;
    await post(aks, `${id}/${action}?api-version=2026-04-01`, "", { authorization: `Bearer ${token}` });
    await aks.control.waitUntilIdle(cluster);
}

function post(aks: LocalAks, path: string, body: string, headers: Record<string, string>): Promise<string> {
    return new Promise((resolve, reject) => {
        const outgoing = request(
            `${aks.url}${path}`,
            { method: "POST", ca: readFileSync(aks.caFile), headers, agent: false },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("end", () => {
                    const text = Buffer.concat(chunks).toString("utf8");
                    if ((response.statusCode ?? 500) < 300) {
                        resolve(text);
                    } else {
                        reject(new Error(`${path}: ${response.statusCode} ${text}`));
                    }
                });
            },
        );
        outgoing.on("error", reject);
        outgoing.end(body);
    });
}
