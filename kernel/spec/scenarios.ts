/** scenario and fault_matrix: what is run, under which faults, and what is expected of it. */
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";
import { builtin, List, repr, Tuple, typeName } from "../language/index.ts";
import type { Arguments, Builtin, Value } from "../language/index.ts";
import { isCallable } from "./callable.ts";
import type { Callable } from "./callable.ts";
import { callable, flag, list, pairs, wrongType } from "./arguments.ts";
import type { Declarations, FaultAssumption, Monitor, Scenario } from "./declarations.ts";
import { pairKey } from "./declarations.ts";
import { AssumptionValue } from "./faults.ts";
import { MonitorValue } from "./monitors.ts";

export function scenarios(declarations: Declarations): readonly Builtin[] {
  const scenario = builtin("scenario", ["run"], (args, thread) => {
    declarations.declareScenario(asScenario("scenario", args.get("run") ?? null), thread.position()?.file ?? "");
    return null;
  });

  const matrix = builtin(
    "fault_matrix",
    ["scenarios", "faults", "default_expect?", "overrides?", "exclude?", "monitors?", "require_faults_fire?", "name?"],
    (args) => {
      const where = "fault_matrix";
      const rows = list(where, args, "scenarios").map((value) => asScenario(where, value));
      const columns = list(where, args, "faults").map(asAssumption);
      if (rows.length === 0 || columns.length === 0) {
        throw new Problem(
          "EMPTY_MATRIX",
          "spec",
          `fault_matrix has no ${rows.length === 0 ? "scenarios" : "faults"}`,
          "Give at least one scenario and one fault assumption.",
        );
      }
      refuseDuplicates("scenario", rows);
      refuseDuplicates("fault", columns);
      const pair = (value: Value): readonly [string, string] => inMatrix(value, rows, columns);
      const excluded = list(where, args, "exclude").map(pair);
      const expect = args.get("default_expect") ?? null;
      const name = args.get("name") ?? null;
      if (name !== null && typeof name !== "string") throw wrongType(where, "name", "a string", name);
      declarations.register({
        kind: "matrix",
        matrix: {
          name: name ?? `${rows.map((row) => row.name).join(", ")} × ${columns.map((column) => column.name).join(", ")}`,
          scenarios: rows,
          faults: columns,
          ...(expect === null ? {} : { defaultExpect: callable(where, "default_expect", expect) }),
          overrides: overrides(args, pair, excluded),
          excluded,
          monitors: asMonitors(where, args),
          requireFaultsFire: flag(where, args, "require_faults_fire", true),
        },
      });
      return null;
    },
  );

  return [scenario, matrix];
}

/** Two rows of one name could not be told apart, in the grid nor in overrides. */
function refuseDuplicates(kind: string, members: readonly { readonly name: string }[]): void {
  const twice = members.find((one, i) => members.findIndex((other) => other.name === one.name) !== i);
  if (twice === undefined) return;
  throw new Problem(
    "DUPLICATE",
    "spec",
    `fault_matrix: two ${kind}s are named ${twice.name}`,
    `Give each ${kind} a name of its own, or list it once.`,
  );
}

function asScenario(where: string, value: Value): Scenario {
  const run = callable(where, where === "scenario" ? "its argument" : "each scenario", value);
  if (run.name === "lambda") {
    throw new Problem("UNNAMED_SCENARIO", "spec", `${where}: a lambda has no name to be shown under`, "Define it: def create_order(): …");
  }
  return { name: run.name, run };
}

function asAssumption(value: Value): FaultAssumption {
  if (value instanceof AssumptionValue) return value.assumption;
  throw wrongType("fault_matrix", "each of faults", "a fault assumption", value);
}

function asMonitors(where: string, args: Arguments): readonly Monitor[] {
  return list(where, args, "monitors").map((value) => {
    if (value instanceof MonitorValue) return value.monitor;
    throw wrongType(where, "monitors", "a list of monitors", value);
  });
}

/** A (scenario, fault) pair by names; one that is not in the matrix would never be looked at, so it is an error. */
function inMatrix(value: Value, rows: readonly Scenario[], columns: readonly FaultAssumption[]): readonly [string, string] {
  const [row, column, ...rest] = value instanceof Tuple || value instanceof List ? value.items : [];
  if (row === undefined || column === undefined || rest.length > 0) {
    throw wrongType("fault_matrix", "each key of overrides and each of exclude", "a pair (scenario, fault)", value);
  }
  const scenario = nameOf(row, rows, "scenario");
  const fault = nameOf(column, columns, "fault");
  return [scenario, fault];
}

function nameOf(value: Value, members: readonly { readonly name: string }[], kind: string): string {
  const name =
    value instanceof AssumptionValue
      ? value.assumption.name
      : isCallable(value)
        ? value.name
        : typeof value === "string"
          ? value
          : undefined;
  const names = members.map((member) => member.name);
  if (name !== undefined && names.includes(name)) return name;
  const shown = name ?? `${typeName(value)} ${repr(value)}`;
  throw new Problem(
    "OUTSIDE_MATRIX",
    "spec",
    `fault_matrix: ${kind} ${shown} is not in this matrix${name === undefined ? "" : didYouMean(name, names)}`,
    `The ${kind}s of this matrix: ${names.join(", ")}.`,
  );
}

function overrides(
  args: Arguments,
  pair: (value: Value) => readonly [string, string],
  excluded: readonly (readonly [string, string])[],
): ReadonlyMap<string, Callable> {
  const found = new Map<string, Callable>();
  for (const [key, expect] of pairs("fault_matrix", args, "overrides")) {
    const [scenario, fault] = pair(key);
    if (excluded.some(([row, column]) => row === scenario && column === fault)) {
      throw new Problem(
        "OVERRIDE_EXCLUDED",
        "spec",
        `fault_matrix: ${pairKey(scenario, fault)} has an override and is excluded`,
        "Keep one of the two.",
      );
    }
    found.set(pairKey(scenario, fault), callable("fault_matrix", "each override", expect));
  }
  return found;
}
