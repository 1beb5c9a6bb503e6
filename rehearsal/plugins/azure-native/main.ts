import { serve } from "../protocol/serve";
import { AzureNativePlugin } from "./plugin";

serve(new AzureNativePlugin());
