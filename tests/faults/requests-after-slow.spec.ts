import { requestFaults } from "./requests";

requestFaults("any cluster", "from the POST on", ["slow"]);
