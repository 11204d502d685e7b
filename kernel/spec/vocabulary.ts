/** The names that every cell has beside the language's own: one file a family, gathered here. */
import type { Value } from "../language/index.ts";
import { assertions } from "./assertions.ts";
import type { Fields } from "./assertions.ts";
import { ask } from "./effects.ts";
import { duration } from "./arguments.ts";
import { faults } from "./faults.ts";
import { monitors } from "./monitors.ts";
import { scenarios } from "./scenarios.ts";
import { observe, topology } from "./topology.ts";
import type { Topology } from "./topology.ts";
import { builtin } from "../language/index.ts";

export function vocabulary(world: Topology, fields: Fields): ReadonlyMap<string, Value> {
  const sleep = builtin("sleep", ["time"], function* (args) {
    yield* ask<"sleep">({ kind: "sleep", ms: duration("sleep", "time", args.get("time") ?? null) });
    return null;
  });
  const { declarations } = world;
  const named = [
    ...topology(world),
    ...faults(declarations),
    ...monitors(declarations),
    ...scenarios(declarations),
    ...assertions(fields, declarations),
    sleep,
  ];
  return new Map<string, Value>([...named.map((one): [string, Value] => [one.name, one]), ["observe", observe()]]);
}
