import { clusterId } from "../formats/cluster-id";
import { type Intent, parseIntent } from "../formats/intent";
import { parseRecord, type RotationRecord } from "../formats/record";

const COMPONENT = "aks-certificate-rotation:index:CertificateRotation";
const COMMAND = "command:local:Command";

/** A resource in an exported stack: what is read of it. */
interface Resource {
    urn: string;
    type?: string;
    parent?: string;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
}

/** What a state holds of one `CertificateRotation`. */
export interface RotationState {
    /** The component's name. */
    name: string;
    /** ARM id of the cluster, lower case; undefined where the state does not say it in clear. */
    clusterId: string | undefined;
    /** The Command whose standard output is the rotation record. */
    rotation: Resource;
    /** The Command whose standard output is the intent. */
    intent: Resource | undefined;
    /** The component itself. */
    component: Resource | undefined;
}

/** A stack's state as `pulumi stack export` prints it, without its secrets in clear. */
export class StackState {
    private constructor(
        private readonly document: object,
        private readonly resources: Resource[],
    ) {}

    /**
     * Reads what `pulumi stack export` has printed, or a state file of a file backend.
     *
     * @throws Error when it is neither
     */
    static parse(text: string): StackState {
        let document: {
            deployment?: { resources?: unknown };
            checkpoint?: { latest?: { resources?: unknown } };
        } | null;
        try {
            document = JSON.parse(text.replace(/^\uFEFF/, ""));
        } catch {
            throw new Error("The exported state is not JSON: give what `pulumi stack export` prints.");
        }
        const resources = document?.deployment?.resources ?? document?.checkpoint?.latest?.resources ?? [];
        const isResource = (one: unknown) => typeof (one as Partial<Resource> | null)?.urn === "string";
        if (
            document === null ||
            typeof document !== "object" ||
            !Array.isArray(resources) ||
            !resources.every(isResource)
        ) {
            throw new Error("The exported state is not one of a stack: give what `pulumi stack export` prints.");
        }
        return new StackState(document, resources);
    }

    /** Every `CertificateRotation` that has its Command for the rotation in the state. */
    get rotations(): RotationState[] {
        const commands = this.resources.filter(
            ({ urn, type }) => type === COMMAND && urn.includes(`${COMPONENT}$${COMMAND}::`),
        );
        return commands.flatMap((rotation) => {
            const name = /::([^:]*)-rotation$/.exec(rotation.urn)?.[1];
            if (name === undefined) {
                return [];
            }
            const component = this.resources.find(({ urn }) => urn === rotation.parent);
            const intentUrn = rotation.urn.replace(/-rotation$/, "-intent");
            const intent = commands.find(({ urn }) => urn === intentUrn);
            return [{ name, clusterId: clusterIdOf(component, rotation), rotation, intent, component }];
        });
    }

    /** The whole state, with what was changed in it, as `pulumi stack import` reads it. */
    toString(): string {
        return JSON.stringify(this.document);
    }
}

/** What a Command has printed: undefined where that is empty, "encrypted" where it cannot be read. */
export function printedBy({ outputs = {} }: Resource): string | "encrypted" | undefined {
    const { stdout } = outputs;
    return typeof stdout === "string" ? stdout || undefined : stdout === undefined ? undefined : "encrypted";
}

/** The record that the Command of a rotation has printed; undefined where it cannot be read. */
export function printedRecord({ rotation }: RotationState): RotationRecord | undefined {
    return readable(parseRecord, printedBy(rotation));
}

/** The record that the Command of a rotation has printed, or the component keeps among its outputs; undefined: neither. */
export function recordIn(state: RotationState): RotationRecord | undefined {
    const kept = state.component?.outputs?.rotation;
    return printedRecord(state) ?? readable(parseRecord, JSON.stringify(kept));
}

/**
 * The intent that its Command has printed, or that the other Command was given when it last succeeded; undefined where
 * neither can be read.
 */
export function intentIn({ intent, rotation }: RotationState): Intent | undefined {
    return (
        (intent && readable(parseIntent, printedBy(intent))) ??
        readable(parseIntent, environmentOf(rotation).AKS_ROTATION_INTENT)
    );
}

function readable<T>(parse: (text: string) => T, text: unknown): T | undefined {
    try {
        return typeof text === "string" ? parse(text) : undefined;
    } catch {
        return undefined;
    }
}

function environmentOf({ inputs = {} }: Resource): Record<string, unknown> {
    return (inputs.environment ?? {}) as Record<string, unknown>;
}

function clusterIdOf(component: Resource | undefined, rotation: Resource): string | undefined {
    const id = component?.outputs?.clusterIdentifier;
    if (typeof id === "string") {
        return id;
    }
    const { AKS_ROTATION_SUBSCRIPTION_ID, AKS_ROTATION_RESOURCE_GROUP, AKS_ROTATION_CLUSTER } = environmentOf(rotation);
    const names = [AKS_ROTATION_SUBSCRIPTION_ID, AKS_ROTATION_RESOURCE_GROUP, AKS_ROTATION_CLUSTER];
    const [subscription, group, cluster] = names.filter((name) => typeof name === "string");
    return subscription !== undefined && group !== undefined && cluster !== undefined
        ? clusterId(subscription, group, cluster)
        : undefined;
}
