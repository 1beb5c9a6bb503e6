import type { EngineLog } from "./engine-log";
import type { ResourceCall } from "./plugin";

/** What identifies a resource in any request about one; a field that a request lacks is left out. */
export interface Subject {
    getUrn(): string;
    getType(): string;
    getName(): string;
    getTimeout?(): number;
}

/** The calls under way, so that all of them can be cancelled together, or each when its time is over. */
export class Calls {
    readonly #underWay = new Set<AbortController>();
    #cancelled = false;

    constructor(private readonly log: EngineLog) {}

    /** How many calls are under way. */
    get count(): number {
        return this.#underWay.size;
    }

    /** Ends every call under way, and any that comes later. */
    cancel(): void {
        this.#cancelled = true;
        for (const controller of this.#underWay) {
            controller.abort();
        }
    }

    /** Does `work`, and waits until the user has seen all it said. */
    async run<T>(subject: Subject, work: (call: ResourceCall) => Promise<T>): Promise<T> {
        const controller = new AbortController();
        this.#underWay.add(controller);
        const seconds = subject.getTimeout?.() ?? 0;
        const timer = seconds > 0 ? setTimeout(() => controller.abort(), seconds * 1000) : undefined;
        if (this.#cancelled) {
            controller.abort();
        }
        const urn = subject.getUrn();
        try {
            return await work({
                urn,
                // Engines before 3.100 send the name and type in the urn alone.
                type: subject.getType() || (urn.split("::")[2]?.split("$").at(-1) ?? ""),
                name: subject.getName() || urn.split("::").slice(3).join("::"),
                log: (severity, message, ephemeral) => this.log.send(severity, message, urn, ephemeral),
                signal: controller.signal,
            });
        } finally {
            clearTimeout(timer);
            this.#underWay.delete(controller);
            await this.log.sent();
        }
    }
}
