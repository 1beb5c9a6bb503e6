import { requestFaults } from "./requests";

requestFaults(false);
