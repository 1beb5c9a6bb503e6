import { serve } from "../protocol/serve";
import { KubernetesPlugin } from "./plugin";

serve(new KubernetesPlugin());
