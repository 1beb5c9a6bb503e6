import * as pulumi from "@pulumi/pulumi";

/** Makes the output that an `apply` returns it for unknown; the SDK's types do not say so. */
export const unknownText = pulumi.unknown as unknown as string;
