import { version as azureNative } from "@pulumi/azure-native/package.json";
import { version as command } from "@pulumi/command/package.json";
import { version as kubernetes } from "@pulumi/kubernetes/package.json";

/** The plugin versions that this project's SDKs ask the engine for, and that the stand-ins say they are. */
export const versions = { kubernetes, command, "azure-native": azureNative } as const;
