import { version } from "../package.json";

/** How the rotator names itself to every server that it asks, so that its requests can be told from others' in logs. */
export const userAgent = `aks-certificate-rotation/${version}`;
