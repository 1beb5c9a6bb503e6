import { program as byHand } from "./by-hand";
import type { Wish } from "./wish";

/** The program of by-hand.ts, with clusterIdentifier. */
export const program = (wish: Wish): void => byHand(wish, true);
