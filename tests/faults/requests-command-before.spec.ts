import { requestFaults } from "./requests";

requestFaults("runCommand", "before the POST", ["slow"]);
