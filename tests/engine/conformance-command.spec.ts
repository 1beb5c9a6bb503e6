import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import {
    CheckRequest,
    type CheckResponse,
    ConfigureRequest,
    type ConfigureResponse,
    CreateRequest,
    type CreateResponse,
    DeleteRequest,
    DiffRequest,
    type DiffResponse,
    UpdateRequest,
    type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { toProperties, toStruct } from "../../rehearsal/plugins/protocol/messages";
import type { Properties } from "../../rehearsal/plugins/protocol/values";
import recorded from "../conformance/command-1.2.1.json";
import { abilities, ask, diffOf, Host, type Message, type Outcome } from "./conformance-host";

interface Case {
    method: "Configure" | "Check" | "Diff" | "Create" | "Update" | "Delete";
    case?: string;
    preview: boolean;
    properties: Properties;
    olds: Properties;
    oldInputs: Properties;
    news: Properties;
    answer: Properties;
    logs?: Message[];
}

const urn = "urn:pulumi:dev::test::command:local:Command::command";
const type = "command:local:Command";

function shown<T>({ answer, error }: Outcome<T>, show: (answer: T) => Properties): Properties {
    return error ?? show(answer);
}

/** Makes the recorded call, and shows the answer as the recording does. */
async function replay({ client }: Host, one: Case): Promise<Properties> {
    const { method, preview, properties, olds, oldInputs, news } = one;
    switch (method) {
        case "Configure": {
            const request = new ConfigureRequest().setAcceptsecrets(true);
            const outcome = await ask<ConfigureResponse>((callback) => client.configure(request, callback));
            return shown(outcome, abilities);
        }
        case "Check": {
            const request = new CheckRequest().setUrn(urn).setType(type).setNews(toStruct(properties));
            const outcome = await ask<CheckResponse>((callback) => client.check(request, callback));
            return shown(outcome, (answer) => ({
                inputs: toProperties(answer.getInputs()),
                failures: answer.getFailuresList().map((failure) => failure.getReason()),
            }));
        }
        case "Diff": {
            const request = new DiffRequest()
                .setUrn(urn)
                .setId("c1")
                .setOlds(toStruct(olds))
                .setOldInputs(toStruct(oldInputs))
                .setNews(toStruct(news));
            return shown(await ask<DiffResponse>((callback) => client.diff(request, callback)), diffOf);
        }
        case "Create": {
            const request = new CreateRequest().setUrn(urn).setPreview(preview).setProperties(toStruct(properties));
            const outcome = await ask<CreateResponse>((callback) => client.create(request, callback));
            return shown(outcome, (answer) => {
                assert.match(answer.getId(), /^command[0-9a-f]{8}$/);
                return { properties: toProperties(answer.getProperties()) };
            });
        }
        case "Update": {
            const request = new UpdateRequest()
                .setUrn(urn)
                .setId("c1")
                .setPreview(preview)
                .setOlds(toStruct(olds))
                .setNews(toStruct(properties));
            const outcome = await ask<UpdateResponse>((callback) => client.update(request, callback));
            return shown(outcome, (answer) => ({ properties: toProperties(answer.getProperties()) }));
        }
        case "Delete": {
            const request = new DeleteRequest().setUrn(urn).setId("c1").setProperties(toStruct(properties));
            return shown(await ask<Empty>((callback) => client.delete(request, callback)), () => ({ ok: true }));
        }
    }
}

/** Lines of one stream come in order, but nobody knows which stream's come first. */
function byMessage(logs: Message[]): Message[] {
    return [...logs].sort((a, b) => a.message.localeCompare(b.message));
}

describe("command stand-in: every recorded call", function () {
    this.timeout(20_000);
    let host: Host;

    before(async () => {
        host = await Host.start("command");
    });
    after(() => host.close());

    const cases = recorded.cases as unknown as Case[];

    it("is 35 calls", () => {
        assert.equal(cases.length, 35);
    });

    for (const one of cases) {
        it(`${one.method}: ${one.case ?? "as recorded"}`, async () => {
            host.takeLogs();
            // How the recorder told random ids is not known; an official id is the name and eight hexadecimal digits.
            const { idLooksRandom, ...answer } = one.answer;
            assert.deepEqual(await replay(host, one), answer);
            if (one.logs) {
                assert.deepEqual(byMessage(host.takeLogs()), byMessage(one.logs));
            }
        });
    }
});

describe("command stand-in: a command that is under way", function () {
    this.timeout(20_000);

    const echo = (port: number) => `require("net").connect(${port}, "127.0.0.1").on("close", () => process.exit())
        .on("connect", function () { this.pipe(this); })`;

    /** Resolves once the plugin has answered a call: what it had to do before is done. */
    async function stillThere(host: Host): Promise<string> {
        await ask<ConfigureResponse>((callback) => host.client.configure(new ConfigureRequest(), callback));
        return "there";
    }

    /** A command that connects to the test as soon as it runs, sends back what it gets, and ends with the connection. */
    async function program(
        work: (create: (host: Host) => Promise<Outcome<CreateResponse>>, connected: Promise<Socket>) => Promise<void>,
        codeFor = echo,
        logging = "stdoutAndStderr",
    ): Promise<void> {
        const server = createServer().listen(0, "127.0.0.1");
        await once(server, "listening");
        const address = server.address();
        assert.ok(typeof address === "object" && address);
        const properties = { interpreter: [process.execPath, "-e"], create: codeFor(address.port), logging };
        const create = ({ client }: Host) => {
            const request = new CreateRequest().setUrn(urn).setProperties(toStruct(properties));
            return ask<CreateResponse>((callback) => client.create(request, callback));
        };
        const connected = once(server, "connection").then(([socket]) => socket as Socket);
        try {
            await work(create, connected);
        } finally {
            server.close();
            (await connected).destroy();
        }
    }

    async function echoes(socket: Socket, text: string): Promise<boolean> {
        socket.write(text);
        return String((await once(socket, "data"))[0]) === text;
    }

    it("is killed when the user cancels, and nothing is started after that", async () => {
        const host = await Host.start("command");
        try {
            await program(async (create, connected) => {
                const created = create(host);
                const socket = await connected;
                assert.ok(await echoes(socket, "hello"));
                const gone = new Promise((resolve) => socket.on("error", resolve).on("close", resolve));
                await ask<Empty>((callback) => host.client.cancel(new Empty(), callback));
                await gone;
                assert.match((await created).error?.error ?? "", /^signal: killed: running "/);
                assert.match((await create(host)).error?.error ?? "", /^context canceled: running "/);
            });
        } finally {
            await host.close();
        }
    });

    it("has the plugin's own environment, and what is added to it", async () => {
        const host = await Host.start("command", { OF_THE_PLUGIN: "1", BOTH: "plugin" });
        try {
            const environment = { ADDED: "2", BOTH: "command" };
            const properties = { environment, create: "echo $OF_THE_PLUGIN $ADDED $BOTH" };
            const request = new CreateRequest().setUrn(urn).setProperties(toStruct(properties));
            const { answer } = await ask<CreateResponse>((callback) => host.client.create(request, callback));
            assert.equal(toProperties(answer?.getProperties()).stdout, "1 2 command");
        } finally {
            await host.close();
        }
    });

    it("gets what it printed the last time in two variables, which Linux limits to 128 KiB each", async function () {
        if (process.platform !== "linux") {
            this.skip();
        }
        const host = await Host.start("command");
        const update = async (stderr: string) => {
            const news = {
                interpreter: ["node", "-e"],
                create: "console.log(process.env.PULUMI_COMMAND_STDERR.length)",
            };
            const olds = { ...news, stdout: "", stderr };
            const request = new UpdateRequest().setUrn(urn).setId("c1").setOlds(toStruct(olds)).setNews(toStruct(news));
            return ask<UpdateResponse>((callback) => host.client.update(request, callback));
        };
        try {
            const most = 128 * 1024 - "PULUMI_COMMAND_STDERR=".length - 1;
            const { answer } = await update("x".repeat(most));
            assert.equal(toProperties(answer?.getProperties()).stdout, String(most));
            const tooLarge = (await update("x".repeat(most + 1))).error?.error ?? "";
            assert.match(tooLarge, /^fork\/exec \/\S*\/node: argument list too long: running "/);
            const nul = (await update("x\0")).error?.error ?? "";
            assert.match(nul, /^exec: environment variable contains NUL: running "/);
        } finally {
            await host.close();
        }
    });

    it("stands still after a line of 64 KiB on a stream that is shown, and its end is never seen", async () => {
        const host = await Host.start("command");
        const write = 'process.stderr.write("x".repeat(1e6) + "\\n", () => process.exit())';
        try {
            await program(
                async (create, connected) => {
                    let hasAnswer = false;
                    void create(host).then(() => {
                        hasAnswer = true;
                    });
                    const socket = await connected;
                    socket.write("begin");
                    const gone = new Promise((resolve) => socket.on("error", resolve).on("close", resolve));
                    assert.equal(await Promise.race([gone.then(() => "gone"), stillThere(host)]), "there");
                    await ask<Empty>((callback) => host.client.cancel(new Empty(), callback));
                    await gone;
                    await stillThere(host);
                    assert.equal(hasAnswer, false);
                },
                (port) =>
                    `require("net").connect(${port}, "127.0.0.1").once("data", () => { ${write} }).on("close", () => process.exit())`,
                "stderr",
            );
        } finally {
            await host.close();
        }
    });

    it("is read to its end where the stream is not shown, whatever the length of its lines", async () => {
        const host = await Host.start("command");
        try {
            const create = 'process.stdout.write("x".repeat(1e6)); process.stderr.write("y".repeat(65535) + "\\n")';
            const properties = { interpreter: [process.execPath, "-e"], create, logging: "stderr" };
            const request = new CreateRequest().setUrn(urn).setProperties(toStruct(properties));
            const { answer } = await ask<CreateResponse>((callback) => host.client.create(request, callback));
            assert.equal(String(toProperties(answer?.getProperties()).stdout).length, 1e6);
            assert.equal(host.takeLogs().length, 1);
        } finally {
            await host.close();
        }
    });

    it("is killed when its own timeout is over", async () => {
        const host = await Host.start("command");
        try {
            const properties = { interpreter: [process.execPath, "-e"], create: "setInterval(() => {}, 1e6)" };
            const request = new CreateRequest().setUrn(urn).setTimeout(0.3).setProperties(toStruct(properties));
            const { error } = await ask<CreateResponse>((callback) => host.client.create(request, callback));
            assert.match(error?.error ?? "", /^signal: killed: running "/);
        } finally {
            await host.close();
        }
    });

    it("outlives a plugin that is killed", async () => {
        const host = await Host.start("command");
        await program(async (create, connected) => {
            const created = create(host).catch((error: Error) => error);
            const socket = await connected;
            assert.ok(await echoes(socket, "hello"));
            await host.close();
            assert.ok((await created) instanceof Error);
            assert.ok(await echoes(socket, "still there?"));
        }).finally(() => host.close());
    });
});
