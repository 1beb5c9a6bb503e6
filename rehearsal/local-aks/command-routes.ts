import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { ArmError } from "./arm-error";
import type { Gate } from "./arm-routes";
import type { Cloud } from "./cloud";
import type { CommandResult } from "./commands";

const CLUSTER =
    "/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ContainerService/managedClusters/:name";
const ACTION = "Microsoft.ContainerService/managedClusters";

type OfCluster = { Params: { subscription: string; group: string; name: string } };
type OfCommand = { Params: OfCluster["Params"] & { id: string } };

const runCommandBody = z.object({
    command: z.string().min(1),
    context: z.string().optional(),
    clusterToken: z.string().optional(),
});

/** Registers runCommand, and what tells of its results. */
export function registerCommandRoutes(arm: FastifyInstance, cloud: Cloud, gate: Gate, url: () => string): void {
    const accepted = ({ subscription, group, name }: OfCluster["Params"], id: string, reply: FastifyReply) => {
        const path = CLUSTER.replace(":subscription", subscription).replace(":group", group).replace(":name", name);
        reply.header("location", `${url()}${path}/commandResults/${id}?api-version=2026-04-01`);
        return reply.status(202).send();
    };
    const resultOf = (found: CommandResult) => {
        const { id, ...properties } = found;
        return { id, properties };
    };
    arm.post<OfCluster>(`${CLUSTER}/runCommand`, async (request, reply) => {
        gate.allow(request, `${ACTION}/runCommand/action`);
        const { success, data } = runCommandBody.safeParse(request.body);
        if (!success) {
            throw new ArmError(400, "InvalidParameter", "The request to run a command is not complete.", "aks");
        }
        const { group: resourceGroup, name } = request.params;
        const cluster = cloud.cluster({ resourceGroup, name });
        const id = cluster.runCommand(data.command, data.clusterToken);
        switch (cluster.settings.commandAnswer) {
            case "accepted":
                return accepted(request.params, id, reply);
            case "running":
                return { id, properties: { provisioningState: "Running" } };
            case "result": {
                await cloud.commands.ended(id);
                const result = cloud.commands.get(id);
                return result && resultOf(result);
            }
        }
    });
    arm.get<OfCommand>(`${CLUSTER}/commandResults/:id`, (request, reply) => {
        gate.allow(request, `${ACTION}/commandResults/read`);
        const { group: resourceGroup, name, id } = request.params;
        cloud.cluster({ resourceGroup, name });
        const result = cloud.commands.get(id);
        if (result === undefined) {
            throw new ArmError(404, "NotFound", `The command '${id}' was not found.`, "aks");
        }
        if (result.provisioningState === "Running") {
            return accepted(request.params, id, reply);
        }
        return resultOf(result);
    });
}
