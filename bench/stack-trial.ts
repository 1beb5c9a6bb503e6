import { openProject, type Project } from "../rehearsal/project";
import type { Ending, Trial } from "./contender";
import { type Ended, type EngineRun, type Step, startEngine } from "./engine-run";
import type { Stage } from "./stage";
import { isDownstream, isReplaced } from "./steps";

let namespaces = 0;

/** A contender that is a Pulumi program, on the real engine, in a process of its own for each run. */
export class StackTrial implements Trial {
    readonly namespace = `shop-${++namespaces}`;
    private generation = 1;
    private mark = "first";
    private running: EngineRun | undefined;

    private constructor(
        private readonly stage: Stage,
        private readonly project: Project,
        private readonly environment: Record<string, string>,
        private readonly program: string,
        private readonly wish: object,
    ) {}

    /**
     * Runs a program for the first time.
     *
     * @param program the name of its file
     * @param wish what it is asked for, besides generation, mark and namespace
     * @param environment more than the sign-in
     * @throws Error when the first `up` fails
     */
    static async open(
        stage: Stage,
        program: string,
        wish: object,
        environment: Record<string, string> = {},
    ): Promise<StackTrial> {
        const all = { ...stage.environment, ...environment };
        // Its own program is never run: each run of the engine has a process with the compiled one.
        const project = await openProject({ ...stage, environment: all, program: async () => undefined });
        const trial = new StackTrial(stage, project, all, stage.compiled.program(program), wish);
        try {
            await project.stack.setConfig("azure-native:subscriptionId", { value: stage.subscriptionId });
            const { failed } = await trial.run();
            if (failed !== undefined) {
                throw new Error(`The program ${program} could not be set up: ${firstComplaint(failed)}`);
            }
            return trial;
        } catch (error) {
            await project.close();
            throw error;
        }
    }

    /** The project's folder. */
    get directory(): string {
        return this.project.directory;
    }

    async rotate(mark: string): Promise<Ending> {
        this.ask(mark);
        const { steps, failed, prepared } = await this.run();
        const replaced = new Set(steps.filter((step) => isDownstream(step) && isReplaced(step)).map(({ urn }) => urn));
        return { replaced: replaced.size, failed: failed === undefined ? undefined : firstComplaint(failed), prepared };
    }

    async again(): Promise<{ steps: Step[]; seconds: number }> {
        return wellEnded(await this.run());
    }

    async preview(mark: string): Promise<{ steps: Step[]; seconds: number }> {
        const before = [this.generation, this.mark] as const;
        this.ask(mark);
        try {
            return wellEnded(await this.run(true));
        } finally {
            [this.generation, this.mark] = before;
        }
    }

    pid(): number | undefined {
        return this.running?.pid;
    }

    async unlock(): Promise<string[]> {
        await this.project.stack.cancel();
        return ["pulumi cancel"];
    }

    async [Symbol.asyncDispose](): Promise<void> {
        this.running?.kill();
        await this.running?.ended;
        await this.project.close();
    }

    private ask(mark: string): void {
        if (mark !== this.mark) {
            this.mark = mark;
            this.generation += 1;
        }
    }

    private async run(preview = false): Promise<Ended> {
        const { generation, mark, namespace, environment, program, project, stage } = this;
        const wish = { ...this.wish, generation, mark, namespace };
        const { directory } = project;
        this.running = startEngine(stage.compiled.main, {
            directory,
            pulumi: stage.pulumi,
            environment,
            program,
            wish,
            preview,
        });
        const ended = await this.running.ended;
        this.running = undefined;
        return ended;
    }
}

/** @throws Error with the engine's first complaint */
function wellEnded(ended: Ended): Ended {
    if (ended.failed !== undefined) {
        throw new Error(firstComplaint(ended.failed));
    }
    return ended;
}

/** What the engine complains of, in one line. */
function firstComplaint(message: string): string {
    const lines = message.split("\n").map((line) => line.trim());
    return lines.find((line) => /^error: (?!update failed)/.test(line)) ?? lines[0] ?? "";
}
