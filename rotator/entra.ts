/** Token scope of the AKS server application of Microsoft Entra ID, the same in every tenant; kubelogin asks for it too. */
export const aksServerScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
