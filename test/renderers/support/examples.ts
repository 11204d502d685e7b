/** All examples by name. Those in SMALL have their specification as a snapshot beside the tests. */
import { begun, empty } from "./empty.ts";
import { flood } from "./flood.ts";
import { large } from "./large.ts";
import { running } from "./running.ts";
import { shop } from "./shop.ts";
import type { Example } from "./shop.ts";
import { unicode } from "./unicode.ts";
import { verdicts } from "./verdicts.ts";

export const SMALL: Readonly<Record<string, () => Example>> = { shop, verdicts, running, begun, empty, unicode };
export const ALL: Readonly<Record<string, () => Example>> = { ...SMALL, large, flood };
