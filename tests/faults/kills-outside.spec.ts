import { kills } from "./kills";

kills("the process group");
kills("every process");
