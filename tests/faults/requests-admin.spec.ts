import { requestFaults } from "./requests";

requestFaults("the cluster admin's credentials", "before the POST", ["fast", "slow"]);
requestFaults("the cluster admin's credentials", "from the POST on", ["fast", "slow"]);
