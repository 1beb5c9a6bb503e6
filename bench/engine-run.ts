import { spawn } from "node:child_process";
import { once } from "node:events";
import { send } from "../tests/support/processes";
import type { Tool } from "../toolchain/tool";
import { treeOf } from "./process-tree";

/** What a process of the engine is to do. */
export interface Order {
    /** The project's folder, whose stack is there. */
    directory: string;
    pulumi: Tool;
    environment: Record<string, string>;
    /** Path of a file that exports `program`, a function of the wish. */
    program: string;
    wish: object;
    /** Instead of an `up`. */
    preview: boolean;
}

/** What the engine says of a resource. */
export interface Step {
    /** Whether it is about to be done, or planned in a preview; or has been done. */
    when: "planned" | "done";
    /** Such as `update`, `same`, `create-replacement`. */
    op: string;
    urn: string;
    type: string;
    /** Paths of properties that change. */
    changed: string[];
}

/** What a process tells. */
export type Word =
    | Step
    /** How long the Automation API took before the run itself, in seconds. */
    | { prepared: number }
    | { ended: "well" }
    | { ended: "badly"; message: string };

/** How a run of the engine has ended. */
export interface Ended {
    steps: Step[];
    /** Why it failed; undefined if it did not. */
    failed: string | undefined;
    /** From the start of its process to its end, less what it took to prepare. */
    seconds: number;
    /**
     * Of the Automation API's own `pulumi version` and `pulumi stack select`, in seconds: a person who runs `pulumi up` waits
     * for neither.
     */
    prepared: number;
}

/** One `pulumi up` or `pulumi preview`, cold: in a process that loads the program and starts the engine. */
export interface EngineRun {
    /** All other processes are its children. */
    pid: number;
    ended: Promise<Ended>;
    /** Ends all of its processes at once. */
    kill(): void;
}

/** Starts one, by the compiled engine-main.ts. */
export function startEngine(main: string, order: Order): EngineRun {
    const began = performance.now();
    // A group of its own: Ctrl-C is for the bench, which then ends the whole tree.
    const child = spawn(process.execPath, [main], { stdio: ["ignore", "ignore", "inherit", "ipc"], detached: true });
    const endAll = () => void send("SIGKILL", treeOf([child.pid ?? 0]));
    // First of all: folders that others remove then are still written to.
    process.prependOnceListener("exit", endAll);
    const steps: Step[] = [];
    let failed: string | undefined = "its process was killed";
    let prepared = 0;
    child.on("message", (word: Word) => {
        if ("prepared" in word) {
            ({ prepared } = word);
        } else if (!("ended" in word)) {
            steps.push(word);
        } else {
            failed = word.ended === "well" ? undefined : word.message;
        }
    });
    child.send(order);
    const ended = once(child, "close").then(() => {
        process.off("exit", endAll);
        return { steps, failed, seconds: (performance.now() - began) / 1000 - prepared, prepared };
    });
    return { pid: child.pid ?? 0, ended, kill: endAll };
}
