import { createHash, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type {
    CheckAnswer,
    CheckCall,
    CreateCall,
    DeleteCall,
    DiffAnswer,
    DiffCall,
    Plugin,
    ReadAnswer,
    ReadCall,
    ResourceCall,
    UpdateCall,
} from "../protocol/plugin";
import { containsUnknowns, isProperties, type Properties, revealAll } from "../protocol/values";
import { versions } from "../versions";
import { functions } from "./functions";
import { AzureError, ResourceManager } from "./resource-manager";
import { fromArm, inputsFromArm, type Shape, shapes, toArm } from "./shapes";
import { type Identity, readIdentity } from "./sign-in";

function shapeOf(type: string): Shape {
    const shape = shapes[type];
    if (!shape) {
        throw new Error(`The stand-in for azure-native has ${Object.keys(shapes).join(" and ")} only, so no ${type}.`);
    }
    return shape;
}

function makeName({ name, randomSeed, autonaming }: CheckCall): string {
    const suffix = randomSeed.length > 0 ? createHash("sha256").update(randomSeed).digest() : randomBytes(4);
    return autonaming?.proposedName || `${name}${suffix.toString("hex").slice(0, 8)}`;
}

function inputsOf({ olds, oldInputs }: Pick<DiffCall, "olds" | "oldInputs">): Properties {
    const given = Object.keys(oldInputs).length > 0 ? oldInputs : olds.__inputs;
    return revealAll(isProperties(given) ? given : {});
}

/** Stands in for azure-native in rehearsals, with what this project and its users' programs need of it. */
export class AzureNativePlugin implements Plugin {
    readonly version = versions["azure-native"];
    readonly abilities = {
        acceptSecrets: true,
        supportsPreview: true,
        acceptResources: false,
        acceptOutputs: false,
        supportsAutonamingConfiguration: true,
    };
    #identity: Identity = readIdentity({}, process.env);
    #azure = new ResourceManager(this.#identity);

    async configure(variables: Record<string, string>): Promise<void> {
        this.#identity = readIdentity(variables, process.env);
        this.#azure = new ResourceManager(this.#identity);
    }

    diffConfig(olds: Properties, news: Properties): DiffAnswer {
        const changed = Object.keys({ ...olds, ...news }).filter((name) => !isDeepStrictEqual(olds[name], news[name]));
        const replaces = changed.filter((name) => name === "subscriptionId");
        return { changes: changed.length > 0 ? "some" : "none", diffs: changed, replaces, deleteBeforeReplace: false };
    }

    async check(call: CheckCall): Promise<CheckAnswer> {
        const { nameInput, parentInputs } = shapeOf(call.type);
        const news = Object.fromEntries(Object.entries(call.news).filter(([, value]) => value !== null));
        const inputs = { [nameInput]: revealAll(call.olds)[nameInput] ?? makeName(call), ...news };
        const missing = parentInputs.filter((name) => inputs[name] === undefined);
        const failures = missing.map((property) => ({ property, reason: `missing required property '${property}'` }));
        return { inputs, failures };
    }

    async diff(call: DiffCall): Promise<DiffAnswer> {
        const [olds, news] = [inputsOf(call), revealAll(call.news)];
        const { fixed, nameInput } = shapeOf(call.type);
        const diffs = Object.keys({ ...olds, ...news })
            .filter((name) => !isDeepStrictEqual(olds[name], news[name]))
            .filter((name) => !call.ignoreChanges.includes(name));
        const replaces = diffs.filter((name) => fixed.includes(name));
        const sameName = olds[nameInput] === news[nameInput];
        const changes = diffs.length > 0 ? "some" : "none";
        return { changes, diffs, replaces, deleteBeforeReplace: replaces.length > 0 && sameName };
    }

    async #put(shape: Shape, id: string, inputs: Properties, { signal }: ResourceCall): Promise<Properties> {
        const query = { "api-version": shape.apiVersion };
        await this.#azure.operate({ method: "PUT", path: id, query, body: toArm(shape, revealAll(inputs)), signal });
        const resource = await this.#azure.send({ method: "GET", path: id, query, signal });
        return { ...fromArm(shape, resource), __inputs: inputs };
    }

    async #find(shape: Shape, id: string, { signal }: ResourceCall): Promise<Properties | undefined> {
        try {
            const query = { "api-version": shape.apiVersion };
            return await this.#azure.send({ method: "GET", path: id, query, signal });
        } catch (error) {
            if (error instanceof AzureError && error.status === 404) {
                return undefined;
            }
            throw error;
        }
    }

    async create(call: CreateCall): Promise<{ id: string; properties: Properties }> {
        const { inputs, preview, type } = call;
        const shape = shapeOf(type);
        if (preview) {
            return { id: "", properties: inputs };
        }
        const id = shape.id(this.#identity.subscriptionId, revealAll(inputs));
        if (await this.#find(shape, id, call)) {
            throw new Error(`cannot create already existing resource '${id}'`);
        }
        return { id, properties: await this.#put(shape, id, inputs, call) };
    }

    async read(call: ReadCall): Promise<ReadAnswer | undefined> {
        const { id, inputs, type } = call;
        const shape = shapeOf(type);
        const resource = await this.#find(shape, id, call);
        if (!resource) {
            return undefined;
        }
        const now = inputsFromArm(shape, id, resource, revealAll(inputs));
        return { id, inputs: now, properties: { ...fromArm(shape, resource), __inputs: now } };
    }

    async update(call: UpdateCall): Promise<Properties> {
        const { id, news, olds, preview, type } = call;
        if (preview) {
            return containsUnknowns(news) ? news : { ...olds, ...news };
        }
        return await this.#put(shapeOf(type), id, news, call);
    }

    async delete(call: DeleteCall): Promise<void> {
        const { id, signal, type } = call;
        const query = { "api-version": shapeOf(type).apiVersion };
        try {
            await this.#azure.operate({ method: "DELETE", path: id, query, signal });
        } catch (error) {
            if (!(error instanceof AzureError && error.status === 404)) {
                throw error;
            }
        }
    }

    async invoke(token: string, args: Properties): Promise<Properties> {
        const work = functions[token];
        if (!work) {
            const known = Object.keys(functions).join(", ");
            throw new Error(`The stand-in for azure-native does not have ${token}, but ${known}.`);
        }
        return await work(revealAll(args), { identity: this.#identity, azure: this.#azure });
    }
}
