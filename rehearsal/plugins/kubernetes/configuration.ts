import { Connection, UnreachableError } from "./connection";
import type { Mutable } from "./kinds";
import { type Choice, choose, type Kubeconfig, loadKubeconfig } from "./kubeconfig";
import { Objects } from "./objects";

/** A provider's configuration, as far as the stand-in knows it. */
export interface Configuration {
    /** For objects that live in a namespace and name none. */
    namespace: string;
    mutable: Mutable;
    /** Forget objects on a cluster that cannot be reached. */
    deleteUnreachable: boolean;
    /** @throws UnreachableError if the configuration names no cluster. */
    objects(): Objects;
}

function flag(value: string | undefined, environment: string | undefined): boolean {
    return (value ?? environment) === "true";
}

function chosen(variables: Record<string, string>): Choice | UnreachableError {
    let config: Kubeconfig;
    try {
        config = loadKubeconfig(variables.kubeconfig);
    } catch (error) {
        const reason = error instanceof Error ? error.message : error;
        return new UnreachableError(`failed to parse kubeconfig data in \`kubernetes:config:kubeconfig\`- ${reason}`);
    }
    try {
        return choose(config, variables);
    } catch (error) {
        return new UnreachableError(
            "unable to load Kubernetes client configuration from kubeconfig file. Make sure you have: \n\n" +
                " \t • set up the provider as per https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ \n\n" +
                ` ${error instanceof Error ? error.message : error}`,
        );
    }
}

/**
 * Reads a provider's configuration. A kubeconfig that cannot be used is no error yet: in a preview, the cluster may not
 * be there.
 *
 * @throws Error for what the stand-in does not have.
 */
export function readConfiguration(variables: Record<string, string>): Configuration {
    if (variables.renderYamlToDirectory) {
        throw new Error("The stand-in for the kubernetes plugin does not have renderYamlToDirectory.");
    }
    const choice = chosen(variables);
    let objects: Objects | undefined;
    return {
        namespace: variables.namespace || (choice instanceof UnreachableError ? "default" : choice.namespace),
        mutable: {
            configMaps: flag(variables.enableConfigMapMutable, process.env.PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE),
            secrets: flag(variables.enableSecretMutable, process.env.PULUMI_K8S_ENABLE_SECRET_MUTABLE),
        },
        deleteUnreachable: flag(variables.deleteUnreachable, process.env.PULUMI_K8S_DELETE_UNREACHABLE),
        objects() {
            if (choice instanceof UnreachableError) {
                throw choice;
            }
            objects ??= new Objects(new Connection(choice));
            return objects;
        },
    };
}
