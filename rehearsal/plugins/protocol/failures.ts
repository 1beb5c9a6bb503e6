import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { toStruct } from "./messages";
import { InitializationError } from "./plugin";

/**
 * The gRPC error for whatever a plugin threw. A resource that exists but did not become ready travels as a packed
 * detail, which is how the engine tells it from one that was never made.
 */
export function toServiceError(thrown: unknown): Partial<ServiceError> {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (!(thrown instanceof InitializationError)) {
        return { code: status.UNKNOWN, details: message };
    }
    const detail = new ErrorResourceInitFailed()
        .setId(thrown.id)
        .setProperties(toStruct(thrown.properties))
        .setReasonsList(thrown.reasons);
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const metadata = new Metadata();
    const report = new Status().setCode(status.UNKNOWN).setMessage(message).setDetailsList([packed]);
    metadata.add("grpc-status-details-bin", Buffer.from(report.serializeBinary()));
    return { code: status.UNKNOWN, details: message, metadata };
}
