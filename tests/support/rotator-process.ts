import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";

/** How a rotator has ended. */
export interface RotatorEnd {
    code: number | null;
    /** All that it told. */
    told: string;
    /** How many milliseconds it has lived, by its own clock. */
    age: number;
    /** How many of the last two thousand it stood still, since the machine was busy with something else. */
    stoodStill: number;
    /** When its end was seen, by the clock of this process. */
    at: number;
}

/** The built rotator in a process of its own, with these variables and no others. */
export class RotatorProcess {
    readonly ended: Promise<RotatorEnd>;
    private readonly child: ChildProcess;
    private told = "";

    constructor(command: "snapshot" | "rotate", environment: Record<string, string>) {
        const rotator = require.resolve("aks-certificate-rotation/rotator");
        const age = join(__dirname, "tell-its-age.cjs");
        this.child = spawn(process.execPath, ["--require", age, rotator, command], {
            env: environment,
            stdio: ["ignore", "ignore", "pipe", "pipe"],
        });
        this.child.stderr?.on("data", (chunk: Buffer) => {
            this.told += chunk.toString();
        });
        this.ended = this.end(text(this.child.stdio[3] as Readable));
        // Whoever waits for something else first hears of it later.
        this.ended.catch(() => undefined);
    }

    /** Settles when it has told this, and must not end before. */
    async says(what: RegExp): Promise<void> {
        const said = new Promise<void>((resolve) => {
            const look = () => what.test(this.told) && resolve();
            this.child.stderr?.on("data", look);
            look();
        });
        await this.before(said, String(what));
    }

    /** What settles before it ends. */
    async before<T>(something: Promise<T>, what: string): Promise<T> {
        const early = this.ended.then(({ told }) => assert.fail(`the rotator ended before ${what}:\n${told}`));
        return Promise.race([something, early]);
    }

    /** Ends it, if it has not ended. */
    kill(): void {
        this.child.kill("SIGKILL");
    }

    private async end(telling: Promise<string>): Promise<RotatorEnd> {
        const exit = once(this.child, "exit").then(([code]) => ({
            code: code as number | null,
            at: performance.now(),
        }));
        const [{ code, at }, told] = await Promise.all([exit, telling, once(this.child, "close")]);
        const { age, stoodStill } = JSON.parse(told);
        return { code, at, age, stoodStill, told: this.told };
    }
}
