import { requestFaults } from "./requests";

requestFaults("any cluster", "before the POST", ["fast"]);
