import { aksServerId } from "../formats/kubeconfig";

/** Token scope of the AKS server application of Microsoft Entra ID, the same in every tenant; kubelogin asks for it too. */
export const aksServerScope = `${aksServerId}/.default`;
