import { requestFaults } from "./requests";

requestFaults("runCommand", "from the POST on", ["slow"]);
