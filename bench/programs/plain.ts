import { Provider } from "@pulumi/kubernetes/provider";
import { ten } from "./ten";
import type { PlainWish } from "./wish";

/** The same ten resources under a provider with a fixed kubeconfig: what an `up` costs that knows nothing of rotations. */
export function program({ kubeconfig, mark, namespace }: PlainWish): void {
    ten(new Provider("cluster", { kubeconfig }), namespace, mark);
}
