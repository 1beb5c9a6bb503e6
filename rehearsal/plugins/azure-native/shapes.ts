/** How azure-native shows ARM's resources: ARM's `properties` beside the resource's own fields, not inside. */
import { isProperties, type Properties } from "../protocol/values";

/** A type of resource: where it is in ARM, and how it is changed. */
export interface Shape {
    apiVersion: string;
    /** The input that names the resource, and is made up where the program gives none. */
    nameInput: string;
    /** The input that names what the resource is in, beside the subscription. */
    parentInputs: string[];
    /** The ARM ID. */
    id(subscriptionId: string, inputs: Properties): string;
    /** Fields that stay outside ARM's `properties`; `*` for all. */
    ownFields: string[] | "*";
    /** Inputs whose change makes a new resource. */
    fixed: string[];
}

/** The resource types that the stand-in has. */
export const shapes: Record<string, Shape> = {
    "azure-native:resources:ResourceGroup": {
        apiVersion: "2024-03-01",
        nameInput: "resourceGroupName",
        parentInputs: [],
        id: (subscriptionId, { resourceGroupName }) =>
            `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`,
        ownFields: "*",
        fixed: ["location", "resourceGroupName"],
    },
    "azure-native:containerservice:ManagedCluster": {
        apiVersion: "2025-09-01",
        nameInput: "resourceName",
        parentInputs: ["resourceGroupName"],
        id: (subscriptionId, { resourceGroupName, resourceName }) =>
            `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.ContainerService/managedClusters/${resourceName}`,
        ownFields: ["eTag", "extendedLocation", "identity", "kind", "location", "sku", "tags"],
        fixed: ["dnsPrefix", "fqdnSubdomain", "location", "nodeResourceGroup", "resourceGroupName", "resourceName"],
    },
};

/** The body of a PUT that makes a resource what `inputs` say. */
export function toArm({ nameInput, parentInputs, ownFields }: Shape, inputs: Properties): Properties {
    const outer: Properties = {};
    const inner: Properties = {};
    for (const [name, value] of Object.entries(inputs)) {
        if (name !== nameInput && !parentInputs.includes(name) && value !== null) {
            const own = ownFields === "*" || ownFields.includes(name);
            (own ? outer : inner)[name] = value;
        }
    }
    return Object.keys(inner).length > 0 ? { ...outer, properties: inner } : outer;
}

/** A resource as azure-native shows it. */
export function fromArm({ apiVersion, ownFields }: Shape, resource: Properties): Properties {
    const { id, properties, ...rest } = resource;
    const inner = ownFields !== "*" && isProperties(properties) ? properties : { ...(properties && { properties }) };
    return { ...inner, ...rest, azureApiVersion: apiVersion };
}

/** The inputs that ARM's view of a resource amounts to, as far as `shape` had them. */
export function inputsFromArm(shape: Shape, id: string, resource: Properties, old: Properties): Properties {
    const shown = fromArm(shape, resource);
    const segments = id.split("/");
    const names: Properties = { [shape.nameInput]: segments.at(-1) ?? "" };
    if (shape.parentInputs.includes("resourceGroupName")) {
        names.resourceGroupName = segments[4] ?? "";
    }
    const known = Object.keys(old).length > 0 ? Object.keys(old) : ["location", "tags"];
    const kept = known.filter((name) => shown[name] !== undefined).map((name) => [name, shown[name] ?? null]);
    return { ...Object.fromEntries(kept), ...names };
}
