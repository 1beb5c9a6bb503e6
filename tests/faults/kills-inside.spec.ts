import { kills } from "./kills";

kills("the rotator");
kills("the command plugin");
kills("the engine");
