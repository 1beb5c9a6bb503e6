/** `npm run local-aks`: a local AKS in the foreground. */
import { parseArgs } from "node:util";
import { Interrupted } from "../../toolchain/interrupts";
import type { BackendKind } from "./api-server";
import { instructions } from "./instructions";
import { startLocalAks } from "./local-aks";

const RESOURCE_GROUP = "local-aks";

interface Arguments {
    port: number | undefined;
    clusters: number;
    backend: BackendKind;
    rotationSeconds: number;
}

async function main(): Promise<void> {
    const args = readArguments();
    let stopping = false;
    const asked = new Promise<void>((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
            process.once(signal, () => {
                stopping = true;
                resolve();
            });
        }
    });
    const { backend, port, rotationSeconds } = args;
    const aks = await startLocalAks({ port, backend, rotationSeconds, progress: console.error });
    try {
        const clusters = Array.from({ length: args.clusters }, (_, index) => ({
            resourceGroup: RESOURCE_GROUP,
            name: `cluster-${index + 1}`,
        }));
        const ready = (async () => {
            // One after the other: each takes both cores of a small machine for some seconds.
            for (const cluster of clusters) {
                console.error(`Starting ${cluster.name} (${backend}) …`);
                await aks.addCluster({ ...cluster, backend });
            }
            console.log(`The local AKS is ready at ${aks.url}`);
            console.log(instructions(aks, clusters[0] ?? { resourceGroup: RESOURCE_GROUP, name: "cluster-1" }));
            console.log("Ctrl-C ends it.");
        })();
        await Promise.race([asked, ready.then(() => asked)]);
    } catch (error) {
        if (!stopping && !(error instanceof Interrupted)) {
            throw error;
        }
    } finally {
        console.error("Ending …");
        await aks.close();
    }
}

/** @throws Error with what to change. */
function readArguments(): Arguments {
    const { values } = parseArgs({
        options: {
            port: { type: "string" },
            clusters: { type: "string", default: "1" },
            backend: { type: "string", default: "control-plane" },
            "rotation-seconds": { type: "string", default: "10" },
        },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    const clusters = Number(values.clusters);
    const rotationSeconds = Number(values["rotation-seconds"]);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
        throw new Error(`--port is "${values.port}", but must be a whole number from 1 to 65535.`);
    }
    if (!(Number.isInteger(clusters) && clusters >= 0)) {
        throw new Error(`--clusters is "${values.clusters}", but must be a whole number, 0 or more.`);
    }
    if (values.backend !== "control-plane" && values.backend !== "light") {
        throw new Error(`--backend is "${values.backend}", but must be control-plane or light.`);
    }
    if (!(rotationSeconds >= 0)) {
        throw new Error(`--rotation-seconds is "${values["rotation-seconds"]}", but must be a number, 0 or more.`);
    }
    return { port, clusters, backend: values.backend, rotationSeconds };
}

main().then(
    () => process.exit(0),
    (error: Error) => {
        console.error(error.message);
        process.exit(1);
    },
);
