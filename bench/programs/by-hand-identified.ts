/** The program of by-hand.ts, with clusterIdentifier. */
import { program as byHand } from "./by-hand";
import type { Wish } from "./wish";

export const program = (wish: Wish): void => byHand(wish, true);
