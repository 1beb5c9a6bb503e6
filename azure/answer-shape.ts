import * as z from "zod/mini";
import { problems } from "../formats/document";
import { armErrorParts, shorten } from "./arm-error";

/** An answer to a request of this program, as far as its shape goes. */
export interface Answer {
    method: string;
    url: string;
    status: number;
    header(name: string): string | undefined;
    /** The whole body; "" where there is none. */
    body: string;
}

interface Shape {
    /** The path that is asked. */
    path: RegExp;
    /** What the answer is, for messages. */
    name: string;
    schema: z.ZodMiniType;
    /** Statuses whose answers have no body. */
    empty?: readonly number[];
}

const Text = z.string().check(z.minLength(1));
const Cluster = z.object({ id: Text, properties: z.object({ provisioningState: Text }) });
const Result = z.object({ properties: z.object({ provisioningState: Text }) });
const Resource = z.object({ id: Text });
const Metadata = z.object({ resourceManager: Text, authentication: z.object({ loginEndpoint: Text }) });
const Kubeconfigs = z.object({ kubeconfigs: z.array(z.object({ value: z.optional(z.string()) })) });

/** What Azure answers to the requests of this program. Source: Azure's REST API specifications. */
const SHAPES: readonly Shape[] = [
    { path: /\/managedClusters\/[^/]+$/i, name: "managed cluster", schema: Cluster },
    { path: /\/managedClusters$/i, name: "list of managed clusters", schema: z.object({ value: z.array(Cluster) }) },
    { path: /\/listCluster(User|Admin)Credential$/i, name: "list of kubeconfigs", schema: Kubeconfigs },
    {
        path: /\/Microsoft\.Authorization\/permissions$/i,
        name: "list of permissions",
        schema: z.object({ value: z.array(z.unknown()) }),
    },
    {
        path: /\/kubernetesVersions$/i,
        name: "list of Kubernetes versions",
        schema: z.object({ values: z.array(z.looseObject({})) }),
    },
    { path: /\/(runCommand|commandResults\/[^/]+)$/i, name: "result of a command", schema: Result, empty: [202] },
    { path: /\/operations\/[^/]+$/i, name: "status of an operation", schema: z.object({ status: Text }) },
    {
        path: /\/operationresults\/[^/]+$/i,
        name: "result of an operation",
        schema: z.looseObject({}),
        empty: [202, 204],
    },
    { path: /\/(connectedClusters|fleets)\/[^/]+$/i, name: "resource", schema: Resource },
    { path: /\/oauth2\/(v2\.0\/)?token$/i, name: "token", schema: z.object({ access_token: Text }) },
    { path: /\/openid-configuration$/i, name: "configuration of a tenant", schema: z.object({ token_endpoint: Text }) },
    { path: /^\/metadata\/endpoints$/i, name: "metadata of a cloud", schema: Metadata },
];

const ANY: Omit<Shape, "path"> = { name: "answer of Azure", schema: z.looseObject({}) };

/**
 * What is wrong with an answer that is not the service's own, or not whole: a proxy's page, a redirect to a portal's login,
 * an empty body, another resource. Undefined where nothing is, and for errors of the service.
 */
export function notAnAnswer(answer: Answer): string | undefined {
    const { method, status, body } = answer;
    const path = decodedPath(answer.url);
    if (status >= 400) {
        // Resource Manager's own errors are JSON. 407 is a proxy's own word.
        const isPage = /^\/subscriptions\//i.test(path) && status < 500 && status !== 407 && /^\s*</.test(body);
        return isPage ? `${whatIs(body)} with status ${status}` : undefined;
    }
    if (status >= 300) {
        return `a redirect (${status})`;
    }
    if (method === "POST" && /\/rotateClusterCertificates$/i.test(path)) {
        return notAcceptance(answer);
    }
    const { name, schema, empty = [] } = SHAPES.find((shape) => shape.path.test(path)) ?? ANY;
    if (empty.includes(status) && body === "") {
        return undefined;
    }
    const value = parse(body);
    if (status !== 200 || value === undefined) {
        return `no ${name} (${status === 200 ? whatIs(body) : `status ${status}`})`;
    }
    const result = schema.safeParse(value);
    if (!result.success) {
        return `no ${name} (${shorten(problems(result.error), 200)})`;
    }
    const { id } = value as { id?: string };
    return name === "managed cluster" && !isSamePath(id ?? "", path)
        ? `no managed cluster (its id is ${shorten(id ?? "")})`
        : undefined;
}

/** Only with headers of its own it is Azure that has accepted: a proxy can answer 200 to anything. */
function notAcceptance({ status, header, body }: Answer): string | undefined {
    const isAzures = ["azure-asyncoperation", "location", "x-ms-request-id", "x-ms-correlation-request-id"].some(
        (name) => header(name) !== undefined,
    );
    const isBody = body.trim() === "" || parse(body) !== undefined;
    return isAzures && isBody && (status === 200 || status === 202)
        ? undefined
        : `no acceptance by Azure (status ${status}, ${whatIs(body)})`;
}

/** A body that is no JSON object, in a few words. */
function whatIs(body: string): string {
    if (body.trim() === "") {
        return "an empty body";
    }
    const [{ message = "" } = {}] = armErrorParts(body);
    return message.startsWith("an HTML page") ? message : `${body.length} characters that are no JSON object`;
}

function parse(body: string): unknown {
    try {
        const value: unknown = JSON.parse(body);
        return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
    } catch {
        return undefined;
    }
}

function decodedPath(url: string): string {
    const { pathname } = new URL(url);
    try {
        return decodeURIComponent(pathname);
    } catch {
        return pathname;
    }
}

function isSamePath(id: string, path: string): boolean {
    return id.toLowerCase() === path.toLowerCase();
}
