import { requestFaults } from "./requests";

requestFaults(true);
