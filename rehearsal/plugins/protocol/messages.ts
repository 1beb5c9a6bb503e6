/** Between gRPC's messages and the plain objects that a {@link Plugin} works with. */
import {
    CheckFailure,
    type CheckRequest,
    CheckResponse,
    DiffResponse,
    PropertyDiff,
    CheckRequest as Request,
} from "@pulumi/pulumi/proto/provider_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Autonaming, ChangeKind, CheckAnswer, DiffAnswer } from "./plugin";
import { type Properties, withoutOutputs } from "./values";

/** Reads a message's properties; a missing one is empty. */
export function toProperties(struct: Struct | undefined): Properties {
    return struct ? (withoutOutputs(struct.toJavaScript() as Properties) as Properties) : {};
}

/** Writes properties into a message. */
export function toStruct(properties: Properties): Struct {
    return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

const modes: Record<Request.AutonamingOptions.Mode, Autonaming["mode"]> = {
    [Request.AutonamingOptions.Mode.PROPOSE]: "propose",
    [Request.AutonamingOptions.Mode.ENFORCE]: "enforce",
    [Request.AutonamingOptions.Mode.DISABLE]: "disable",
};

/** Reads how the stack wants resources named. */
export function toAutonaming(options: CheckRequest.AutonamingOptions | undefined): Autonaming | undefined {
    return options && { mode: modes[options.getMode()], proposedName: options.getProposedName() };
}

/** Writes the answer to Check and CheckConfig. */
export function checkResponse({ inputs, failures = [] }: CheckAnswer): CheckResponse {
    return new CheckResponse()
        .setInputs(toStruct(inputs))
        .setFailuresList(
            failures.map(({ property = "", reason }) => new CheckFailure().setProperty(property).setReason(reason)),
        );
}

const kinds: Record<ChangeKind, PropertyDiff.Kind> = {
    add: PropertyDiff.Kind.ADD,
    "add-replace": PropertyDiff.Kind.ADD_REPLACE,
    delete: PropertyDiff.Kind.DELETE,
    "delete-replace": PropertyDiff.Kind.DELETE_REPLACE,
    update: PropertyDiff.Kind.UPDATE,
    "update-replace": PropertyDiff.Kind.UPDATE_REPLACE,
};

/** Writes the answer to Diff and DiffConfig. */
export function diffResponse(answer: DiffAnswer): DiffResponse {
    const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
    const response = new DiffResponse()
        .setChanges(answer.changes === "none" ? DIFF_NONE : DIFF_SOME)
        .setDiffsList(answer.diffs)
        .setReplacesList(answer.replaces)
        .setDeletebeforereplace(answer.deleteBeforeReplace)
        .setHasdetaileddiff(answer.detailedDiff !== undefined);
    for (const [path, kind] of Object.entries(answer.detailedDiff ?? {})) {
        response.getDetaileddiffMap().set(path, new PropertyDiff().setKind(kinds[kind]));
    }
    return response;
}
