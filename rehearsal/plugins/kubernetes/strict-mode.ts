import type { CheckAnswer } from "../protocol/plugin";
import type { Properties } from "../protocol/values";

/**
 * What strict mode has against a provider's configuration: it forbids the default provider, and wants cluster and
 * context named.
 */
export function strictModeFailures(urn: string, news: Properties): CheckAnswer["failures"] {
    if (news.strictMode !== true && news.strictMode !== "true") {
        return [];
    }
    const missing = (["kubeconfig", "context"] as const).filter((property) => !news[property]);
    const isDefault = /::default(_|$)/.test(urn);
    return [
        ...(isDefault ? [{ reason: "strict mode prohibits default provider" }] : []),
        ...missing.map((property) => ({ property, reason: `strict mode requires Provider "${property}" argument` })),
    ];
}
