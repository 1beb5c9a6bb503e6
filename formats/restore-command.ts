/**
 * The command line that brings a lost rotation record back into the state of a stack.
 *
 * @param stack name of the stack, or `project/stack`; undefined where it is not known
 * @param clusterId ARM id of the cluster
 */
export function restoreCommand(stack: string | undefined, clusterId: string): string {
    const name = stack?.split("/").at(-1) ?? "STACK";
    return `npx aks-certificate-rotation record restore --stack ${name} --cluster-id ${clusterId}`;
}
