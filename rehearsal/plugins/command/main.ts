import { serve } from "../protocol/serve";
import { commandPlugin } from "./plugin";

serve(commandPlugin);
