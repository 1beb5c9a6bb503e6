import type { EngineEvent } from "@pulumi/pulumi/automation";
import { openProject, type Project } from "../rehearsal/project";
import { castOf } from "../tests/support/processes";
import { readOutputsFromState } from "../tests/support/state-file";
import type { Ending, Shown, Trial } from "./contender";
import type { Stage } from "./stage";

/** What a program is given. */
export interface Wish {
    /** Raising it asks for a rotation. */
    generation: number;
    /** Of the ten resources. */
    mark: string;
    namespace: string;
}

let namespaces = 0;

/** A contender that is a Pulumi program, on the real engine. */
export class StackTrial implements Trial {
    private wanted = "first";

    private constructor(
        private readonly project: Project,
        private readonly wish: Wish,
    ) {}

    /** Runs the program for the first time. */
    static async open(
        stage: Stage,
        environment: Record<string, string>,
        program: (wish: Wish) => void,
    ): Promise<StackTrial> {
        const wish = { generation: 1, mark: "first", namespace: `shop-${++namespaces}` };
        const project = await openProject({
            ...stage,
            environment: { ...stage.environment, ...environment },
            program: async () => program(wish),
        });
        try {
            await project.stack.setConfig("azure-native:subscriptionId", { value: stage.subscriptionId });
            readOutputsFromState(project);
            const trial = new StackTrial(project, wish);
            const { failed } = await trial.up();
            if (failed !== undefined) {
                throw new Error(`It could not be set up: ${failed}`);
            }
            return trial;
        } catch (error) {
            await project.close();
            throw error;
        }
    }

    get namespace(): string {
        return this.wish.namespace;
    }

    async rotate(mark: string): Promise<Ending> {
        this.ask(mark);
        return this.up();
    }

    async noOp(): Promise<void> {
        const changed = new Set<string>();
        await this.project.stack.up({
            onEvent: ({ resourcePreEvent }) => {
                const { op } = resourcePreEvent?.metadata ?? {};
                if (op !== undefined && op !== "same") {
                    changed.add(op);
                }
            },
        });
        if (changed.size > 0) {
            throw new Error(`An up that should have changed nothing had: ${[...changed].join(", ")}.`);
        }
    }

    async preview(mark: string): Promise<Shown> {
        const before = { ...this.wish };
        this.ask(mark);
        const exact = new Set<string>();
        const replaced = new Set<string>();
        const began = performance.now();
        try {
            await this.project.stack.preview({
                onEvent: ({ resourcePreEvent }) => {
                    const { op, urn, type, detailedDiff } = resourcePreEvent?.metadata ?? {};
                    if (urn === undefined || !isDownstream(type)) {
                        return;
                    }
                    if (
                        op === "update" &&
                        Object.keys(detailedDiff ?? {}).some((path) => path.startsWith("metadata.labels"))
                    ) {
                        exact.add(urn);
                    } else if (/replace/.test(op ?? "")) {
                        replaced.add(urn);
                    }
                },
            });
        } finally {
            Object.assign(this.wish, before);
            this.wanted = before.mark;
        }
        return { exact: exact.size, replaced: replaced.size, seconds: (performance.now() - began) / 1000 };
    }

    roots(): number[] {
        try {
            return [castOf(this.project.directory).engine];
        } catch {
            return [];
        }
    }

    async unlock(): Promise<string[]> {
        await this.project.stack.cancel();
        return ["pulumi cancel"];
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.project.close();
    }

    private ask(mark: string): void {
        if (mark !== this.wanted) {
            this.wanted = mark;
            this.wish.generation += 1;
            this.wish.mark = mark;
        }
    }

    private async up(): Promise<Ending> {
        const replaced = new Set<string>();
        const onEvent = ({ resourcePreEvent }: EngineEvent) => {
            const { op, urn, type } = resourcePreEvent?.metadata ?? {};
            if (urn !== undefined && isDownstream(type) && /replace|delete/.test(op ?? "")) {
                replaced.add(urn);
            }
        };
        try {
            await this.project.stack.up({ onEvent });
            return { replaced: replaced.size };
        } catch (error) {
            return { replaced: replaced.size, failed: firstComplaint((error as Error).message) };
        }
    }
}

/** Whether a resource is in the cluster. */
function isDownstream(type: string | undefined): boolean {
    return type?.startsWith("kubernetes:") ?? false;
}

/** What the engine complains of, in one line. */
function firstComplaint(message: string): string {
    const lines = message.split("\n").map((line) => line.trim());
    return lines.find((line) => /^error: (?!update failed)/.test(line)) ?? lines[0] ?? "";
}
