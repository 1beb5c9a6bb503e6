import type { Telling } from "../azure/explain";

/** How errors of Azure are told to whoever runs a command: in the words of its options. */
export const byHand: Telling = {
    again: "try again",
    rotates: false,
    settings: {
        subscription: "--subscription",
        resourceGroup: "--resource-group",
        cluster: "--name",
        toUser: "leave out --admin",
    },
};
