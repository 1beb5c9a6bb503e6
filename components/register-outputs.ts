import * as pulumi from "@pulumi/pulumi";
import { RegisterResourceOutputsRequest } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** gRPC's status codes. */
const [cancelled, unavailable] = [1, 14];

/**
 * Registers the outputs of a component, as `registerOutputs` does, which does not say when the engine has taken them.
 *
 * @returns settles when the engine has accepted them
 * @throws Error when it has not, such as where an update plan is violated; the engine has reported why
 */
export async function registerOutputsOf(component: pulumi.ComponentResource, outputs: pulumi.Inputs): Promise<void> {
    const isDone = pulumi.runtime.rpcKeepAlive();
    try {
        const urn = await (component.urn as unknown as { promise(): Promise<string> }).promise();
        const request = new RegisterResourceOutputsRequest();
        request.setUrn(urn);
        request.setOutputs(Struct.fromJavaScript(await pulumi.runtime.serializeProperties("outputs", outputs)));
        const monitor = pulumi.runtime.getMonitor();
        await new Promise<void>((resolve, reject) => {
            monitor?.registerResourceOutputs(request, (error) => {
                if (error === null) {
                    resolve();
                } else if (error.code === cancelled || error.code === unavailable) {
                    // The engine ends, and has reported why: as the SDK does it, without another error.
                    pulumi.runtime.terminateRpcs();
                } else {
                    reject(error);
                }
            });
        });
    } finally {
        isDone();
    }
}
