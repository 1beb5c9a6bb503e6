import type { FlagResult, FlagStack, Situation } from "./flag-stack";

/** What a flag must come to in one situation. */
export interface Expectation {
    /** Whether the command line fails. @default false */
    fails?: boolean;
    /** What its output must show. */
    shows?: RegExp;
    /** Rotations that it starts. @default 0 */
    rotations?: number;
    /** What the plain `up` afterwards changes; "unchanged" is what is left of the stack. @default nothing */
    up?: Record<string, number>;
    /** Rotations that this `up` starts. @default 0 */
    upRotations?: number;
    /** Whether it takes more than a minute on an idle machine: then it is not in `npm test`. @default false */
    slow?: boolean;
}

/** A flag, or what else people do to a stack, and what it comes to. */
export interface FlagCase {
    flag: string;
    /** What is run, its last command line's result. Command lines before that must succeed. */
    run(stack: FlagStack): Promise<FlagResult>;
    /** Where it applies; the first one that is not slow is in `npm test`. */
    expected: [Situation, Expectation][];
    /** Undoes what it has set, after the `up` that follows. */
    reset?(stack: FlagStack): Promise<void>;
    /** The plain `up` where it must be another one. @default "pulumi up" */
    up?: string;
    /** Whether it makes resources anew; else the Commands and the provider must be those of before. @default false */
    remakes?: boolean;
}

const ELSEWHERE = "after a rotation by someone else";
const KILLED = "after a killed up";
const RAISED = "with a raised generation";
const AT_REST = "at rest";

/** The engine's own error where it reads the cluster with the provider of the last `up`. */
const STALE = { fails: true, shows: /x509: certificate signed by unknown authority/ };
/** The provider, and the Command that depends on the component. */
const HEALS = { updated: 2 };
/** These and the rotation, whose record is still that of before. */
const FINISHES = { updated: 3 };
/** These and the intent. */
const ROTATES = { updated: 4 };

const line = (text: string) => (stack: FlagStack) => stack.run(text);
const named = (text: string) => (stack: FlagStack) => stack.run(text.replaceAll("NAME", stack.settings.name));

const FLAG_CASES: FlagCase[] = [
    {
        flag: "up --refresh",
        run: line("pulumi up --refresh"),
        expected: [
            [ELSEWHERE, { ...STALE, up: HEALS }],
            [KILLED, { ...STALE, up: FINISHES }],
            [AT_REST, {}],
            [RAISED, { rotations: 1 }],
        ],
    },
    {
        flag: "options: { refresh: always } in Pulumi.yaml",
        run: async (stack) => {
            await stack.write("Pulumi.yaml", `${await stack.read("Pulumi.yaml")}options:\n  refresh: always\n`);
            return stack.run("pulumi up");
        },
        up: "pulumi up --refresh=false",
        reset: async (stack) =>
            stack.write("Pulumi.yaml", (await stack.read("Pulumi.yaml")).split("options:")[0] ?? ""),
        expected: [
            [ELSEWHERE, { ...STALE, up: HEALS }],
            [KILLED, { ...STALE, up: FINISHES }],
            [AT_REST, {}],
            [RAISED, { rotations: 1 }],
        ],
    },
    {
        flag: "refresh",
        run: line("pulumi refresh"),
        expected: [
            [ELSEWHERE, { ...STALE, up: HEALS }],
            [KILLED, { ...STALE, up: FINISHES }],
            [AT_REST, {}],
            [RAISED, { up: ROTATES, upRotations: 1 }],
        ],
    },
    {
        flag: "refresh --run-program",
        run: line("pulumi refresh --run-program"),
        expected: [
            [ELSEWHERE, { up: { updated: 1 } }],
            [KILLED, { up: { updated: 2 } }],
            [AT_REST, {}],
            [RAISED, { up: ROTATES, upRotations: 1 }],
        ],
    },
    {
        flag: "PULUMI_RUN_PROGRAM=true",
        run: async (stack) => {
            stack.environment.PULUMI_RUN_PROGRAM = "true";
            return stack.run("pulumi refresh");
        },
        reset: async (stack) => {
            delete stack.environment.PULUMI_RUN_PROGRAM;
        },
        expected: [
            [KILLED, { up: { updated: 2 } }],
            [ELSEWHERE, { up: { updated: 1 } }],
            [AT_REST, {}],
            [RAISED, { up: ROTATES, upRotations: 1 }],
        ],
    },
    {
        flag: "up --refresh --run-program",
        run: line("pulumi up --refresh --run-program"),
        expected: [
            [ELSEWHERE, {}],
            [KILLED, {}],
            [AT_REST, {}],
            [RAISED, { rotations: 1 }],
        ],
    },
    {
        flag: "up --target of what depends on the component",
        // The engine updates providers in a targeted `up` too.
        run: line("pulumi up --target '**::dependent'"),
        expected: [
            [RAISED, { up: ROTATES, upRotations: 1 }],
            [ELSEWHERE, {}],
            [KILLED, { up: { updated: 1 } }],
            [AT_REST, {}],
        ],
    },
    {
        flag: "up --target of the rotation alone",
        run: named("pulumi up --target '**::NAME-rotation'"),
        expected: [[RAISED, { fails: true, shows: /pulumi up/, up: ROTATES, upRotations: 1 }]],
    },
    {
        flag: "up --target-dependents",
        run: named("pulumi up --target '**::NAME-intent' --target-dependents"),
        expected: [
            [RAISED, { rotations: 1 }],
            [KILLED, {}],
            [ELSEWHERE, {}],
            [AT_REST, {}],
        ],
    },
    {
        flag: "up --exclude of the rotation",
        run: named("pulumi up --exclude '**::NAME-rotation'"),
        expected: [
            [RAISED, { up: FINISHES, upRotations: 1 }],
            [KILLED, { up: { updated: 1 } }],
            [ELSEWHERE, {}],
            [AT_REST, {}],
        ],
    },
    {
        flag: "up --continue-on-error with a rotation that Azure refuses",
        run: async (stack) => {
            stack.aks.control.addFault({
                match: { kind: "rotateClusterCertificates" },
                action: {
                    type: "answer",
                    status: 403,
                    code: "RequestDisallowedByPolicy",
                    message: "Not by this policy.",
                },
            });
            return stack.run("pulumi up --continue-on-error");
        },
        expected: [[RAISED, { fails: true, shows: /RequestDisallowedByPolicy/, up: FINISHES, upRotations: 1 }]],
    },
    {
        flag: "up --continue-on-error with a rotation that fails",
        run: async (stack) => {
            stack.endRotations([{ status: "Failed", code: "ScopeLocked", message: "The scope is locked." }]);
            return stack.run("pulumi up --continue-on-error");
        },
        // The API server is watched for a minute before the rotation is started again.
        expected: [
            [RAISED, { fails: true, shows: /ScopeLocked/, rotations: 1, up: FINISHES, upRotations: 1, slow: true }],
        ],
    },
    {
        flag: "up --replace of the rotation's Command",
        run: named("pulumi up --replace '**::NAME-rotation'"),
        remakes: true,
        expected: [
            [AT_REST, {}],
            [ELSEWHERE, {}],
        ],
    },
    {
        flag: "preview --save-plan, up --plan",
        run: (stack) => stack.runAll("pulumi preview --save-plan plan.json", "pulumi up --plan plan.json"),
        expected: [
            [RAISED, { fails: true, shows: /no plan can hold a rotation/, up: FINISHES, upRotations: 1 }],
            [AT_REST, {}],
            [ELSEWHERE, {}],
            [KILLED, { fails: true, up: FINISHES }],
        ],
    },
    {
        flag: "stack rename",
        run: async (stack) => {
            const name = stack.stackName === "dev" ? "production" : "dev";
            const result = await stack.run(`pulumi stack rename ${name}`);
            stack.stackName = result.code === 0 ? name : stack.stackName;
            return result;
        },
        expected: [
            [RAISED, { up: ROTATES, upRotations: 1 }],
            [KILLED, { up: ROTATES }],
            [ELSEWHERE, { up: ROTATES }],
            [AT_REST, { up: { updated: 2 } }],
        ],
    },
    {
        flag: "stack export, stack import",
        run: (stack) => stack.runAll("pulumi stack export --file state.json", "pulumi stack import --file state.json"),
        expected: [
            [KILLED, { up: FINISHES }],
            [ELSEWHERE, { up: HEALS }],
            [AT_REST, {}],
            [RAISED, { up: ROTATES, upRotations: 1 }],
        ],
    },
    {
        flag: "another passphrase",
        run: async (stack) => {
            const passphrase = `passphrase ${stack.settings.generation}`;
            const result = await stack.run(
                `printf '${passphrase}\\n${passphrase}\\n' | pulumi stack change-secrets-provider passphrase`,
            );
            if (result.code === 0) {
                stack.environment.PULUMI_CONFIG_PASSPHRASE = passphrase;
            }
            return result;
        },
        expected: [
            [KILLED, { up: FINISHES }],
            [ELSEWHERE, { up: HEALS }],
            [AT_REST, {}],
            [RAISED, { up: ROTATES, upRotations: 1 }],
        ],
    },
    {
        flag: "an upgrade of the command plugin",
        run: async (stack) => {
            await stack.succeed("pulumi stack export --file state.json");
            const state = await stack.read("state.json");
            const earlier = state.replaceAll("default_1_2_1", "default_1_2_0").replaceAll('"1.2.1"', '"1.2.0"');
            await stack.write("state.json", earlier);
            return stack.run("pulumi stack import --file state.json");
        },
        expected: [
            [RAISED, { up: ROTATES, upRotations: 1 }],
            [KILLED, { up: FINISHES }],
            [ELSEWHERE, { up: HEALS }],
            [AT_REST, {}],
        ],
    },
    {
        flag: "the component renamed, with an alias",
        run: async (stack) => {
            const { name } = stack.settings;
            await stack.set({ earlierName: name, name: name === "cluster" ? "blue" : "cluster" });
            return stack.run("pulumi up");
        },
        expected: [
            [RAISED, { rotations: 1 }],
            [KILLED, {}],
            [ELSEWHERE, {}],
            [AT_REST, {}],
        ],
    },
    {
        flag: "destroy --run-program",
        run: line("pulumi destroy --run-program"),
        remakes: true,
        expected: [
            [ELSEWHERE, { up: { created: 6 } }],
            [KILLED, { up: { created: 6 } }],
            [AT_REST, { up: { created: 6 } }],
        ],
    },
    {
        flag: "a new parent, with an alias",
        run: async (stack) => {
            const { parent = "", earlierParents = [] } = stack.settings;
            await stack.set({
                earlierName: undefined,
                parent: `platform-${earlierParents.length + 1}`,
                earlierParents: [...earlierParents, parent],
            });
            return stack.run("pulumi up");
        },
        expected: [
            [KILLED, {}],
            [RAISED, { rotations: 1 }],
            [ELSEWHERE, {}],
            [AT_REST, {}],
        ],
    },
];

type Row = readonly [FlagCase, Situation, Expectation];

/** Each flag in the situation in which it is most likely to go wrong. */
export const USUAL_CASES: Row[] = [];
/** Each flag in all the other situations. */
export const OTHER_CASES: Row[] = [];

for (const flagCase of FLAG_CASES) {
    const usual = flagCase.expected.find(([, { slow }]) => !slow);
    for (const row of flagCase.expected) {
        (row === usual ? USUAL_CASES : OTHER_CASES).push([flagCase, ...row]);
    }
}
