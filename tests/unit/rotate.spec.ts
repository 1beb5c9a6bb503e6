import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { RotationRecord } from "../../formats/record";
import { drive, wait } from "../../rotator/drive";
import { type Means, rotate } from "../../rotator/rotate";
import { RotationError } from "../../rotator/rotation-error";
import { cluster, credentials } from "./scripted-outside";
import { adopted, intent, settings } from "./task";

const never = () => new Promise<never>(() => {});
/** An Azure that answers at once, unless a test says otherwise, and what is told and done with it. */
function means(azure: Partial<Means["azure"]>): Means & { happened: string[] } {
    const happened: string[] = [];
    return {
        happened,
        azure: {
            look: async () => cluster("Succeeded"),
            credentials: async () => credentials("A"),
            startRotation: async () => {
                happened.push("POST");
                return { answer: "accepted" };
            },
            operationError: async () => undefined,
            permissions: async () => [{ actions: ["*"] }],
            kubernetesVersions: async () => [],
            runCommand: async () => ({ exitCode: 0, logs: "" }),
            ...azure,
        },
        getToken: async () => "",
        assertParent: async () => void happened.push("parent"),
        tell: () => {},
    };
}

/** Asserts that a run stops at its timeout, two seconds from now, and less than one second after it. */
async function assertInTime(given: Means): Promise<void> {
    // The timeout counts from the start of the process, which has run other tests before.
    const timeoutSeconds = Math.ceil(performance.now() / 1000) + 2;
    const left = () => timeoutSeconds * 1000 - performance.now();
    let stopped = false;
    const stops = assert
        .rejects(
            rotate(
                given,
                { ...settings, verify: "off", timeoutSeconds },
                { command: "rotate", intent, record: adopted },
            ),
            (error) => error instanceof RotationError && error.reason === "timeout",
        )
        .finally(() => {
            stopped = true;
            assert.ok(left() <= 0, `it stopped ${left()} ms before its timeout`);
        });
    const second = async () => {
        await sleep(left());
        // In small steps: a machine that stands still makes the run late by that, and this by one step.
        for (let step = 0; step < 20 && !stopped; step++) {
            await sleep(50);
        }
        assert.ok(stopped, "it goes on a second after its timeout");
    };
    await Promise.all([stops, second()]);
}

describe("a rotation with real promises and the real clock", () => {
    it("asks for the parent right before it asks for a rotation", async () => {
        const given = means({});
        await assertInTime(given);
        assert.deepEqual(given.happened, ["parent", "POST"]);
    });

    for (const what of ["look", "credentials", "startRotation"] as const) {
        it(`ends at its timeout where ${what} never answers and does not heed its signal`, async () => {
            await assertInTime(means({ [what]: never }));
        });
    }
});

describe("how a run begins", () => {
    /** What is told, and where the first look comes among it. */
    async function beginning(generation: number, record: RotationRecord | undefined): Promise<string[]> {
        const happened: string[] = [];
        const look = async () => {
            happened.push("look");
            throw new Error("broken");
        };
        const given = { ...means({ look }), tell: (line: string) => void happened.push(line) };
        await assert.rejects(
            rotate(
                given,
                { ...settings, generation, timeoutSeconds: 3600 },
                { command: record === undefined ? "adopt" : "rotate", intent, record },
            ),
            /broken/,
        );
        return happened.slice(0, happened.indexOf("look"));
    }

    it("is told before anything is asked for, where the generation is raised", async () => {
        assert.deepEqual(await beginning(2, adopted), [
            "Generation 2 is asked for, and this run has started nothing yet. If it is interrupted, run pulumi up again.",
        ]);
    });

    it("is not told where nothing is to be rotated", async () => {
        assert.deepEqual(await beginning(1, adopted), [], "the generation on record");
        assert.deepEqual(await beginning(1, { ...adopted, generation: 3 }), [], "a lowered one");
        assert.deepEqual(await beginning(2, undefined), [], "an adoption");
    });
});

describe("what is driven by promises", () => {
    it("gets what they come to, also an error", async () => {
        function* sum() {
            const one = yield* wait(Promise.resolve(1));
            try {
                yield* wait(Promise.reject(new Error("2")));
            } catch (error) {
                return one + Number((error as Error).message);
            }
            return 0;
        }
        assert.equal(await drive(sum()), 3);
        function* fails() {
            yield* wait(Promise.reject(new Error("no")));
        }
        await assert.rejects(drive(fails()), /^Error: no$/);
    });
});
