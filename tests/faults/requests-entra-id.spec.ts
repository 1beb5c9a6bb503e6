import { requestFaults } from "./requests";

requestFaults("Microsoft Entra ID", "from the POST on", ["fast", "slow"]);
