/** deny, delay and fault_assumption: named failure modes, and what they would do to which calls. */
import { didYouMean } from "../../model/nearest.ts";
import { ERRNO_NAMES, isErrnoName } from "../../model/errno.ts";
import { isKeyword, KEYWORDS } from "../../model/families.ts";
import type { Keyword } from "../../model/families.ts";
import { formatDuration } from "../../model/duration.ts";
import { Problem } from "../../model/problem.ts";
import { describeAction } from "../../model/rule.ts";
import type { Action } from "../../model/rule.ts";
import { edges, place } from "../analysis/placement.ts";
import { builtin, HostValue, repr, typeName } from "../language/index.ts";
import type { Builtin, Value } from "../language/index.ts";
import { duration, list, optionalText, text, wrongType } from "./arguments.ts";
import type { Declarations, FaultAssumption } from "./declarations.ts";
import { MonitorValue } from "./monitors.ts";
import { ServiceValue } from "./service.ts";

export class ActionValue extends HostValue {
  override readonly type = "fault";
  readonly action: Action;
  constructor(action: Action) {
    super();
    this.action = action;
  }
  override repr(): string {
    return this.action.kind === "deny" ? `deny(${repr(this.action.errno)})` : `delay("${formatDuration(this.action.ms)}")`;
  }
}

/** Equal by name, so that the pairs of a matrix keep their meaning when a cell is run again. */
export class AssumptionValue extends HostValue {
  override readonly type = "fault_assumption";
  readonly assumption: FaultAssumption;
  constructor(assumption: FaultAssumption) {
    super();
    this.assumption = assumption;
  }
  override attrNames(): readonly string[] {
    return ["description", "name", "target"];
  }
  override attr(name: string): Value | undefined {
    if (name === "name" || name === "target" || name === "description") return this.assumption[name];
    return undefined;
  }
  override equals(other: Value): boolean {
    return other instanceof AssumptionValue && other.assumption.name === this.assumption.name;
  }
  override hash(): string {
    return `fault_assumption ${this.assumption.name}`;
  }
  override repr(): string {
    return `fault_assumption(${repr(this.assumption.name)})`;
  }
}

const DELAY_MAX_MS = 300_000;

export function faults(declarations: Declarations): readonly Builtin[] {
  const deny = builtin("deny", ["errno"], (args) => {
    const name = text("deny", args, "errno");
    if (!isErrnoName(name)) {
      throw new Problem(
        "UNKNOWN_ERRNO",
        "spec",
        `deny: no error number is named "${name}"${didYouMean(name, ERRNO_NAMES)}`,
        "Names as errno(3) writes them, such as ECONNREFUSED, ETIMEDOUT, ENOSPC or EIO.",
      );
    }
    return new ActionValue({ kind: "deny", errno: name });
  });

  const delay = builtin("delay", ["time"], (args) => {
    const ms = duration("delay", "time", args.get("time") ?? null);
    if (ms > DELAY_MAX_MS) {
      throw new Problem(
        "DELAY_TOO_LONG",
        "spec",
        `delay: ${formatDuration(ms)} is longer than 5 minutes`,
        "Every client has given up long before; delay by less.",
      );
    }
    return new ActionValue({ kind: "delay", ms });
  });

  const assumption = builtin(
    "fault_assumption",
    ["name", "target?", "*", "rules?", "monitors?", "faults?", "description?", "**calls"],
    (args, thread) => {
      const where = "fault_assumption";
      const name = text(where, args, "name");
      refuseLater(args.get("rules") ?? null, "rules= (faults on protocol messages)");
      refuseLater(args.get("faults") ?? null, "faults= (assumptions made of others)");
      const target = args.get("target") ?? null;
      if (!(target instanceof ServiceValue)) throw unknownTarget(name, target, declarations);
      const calls = new Map(
        [...args.extra].map(([keyword, value]): [Keyword, Action] => [known(name, keyword), action(name, keyword, value)]),
      );
      if (calls.size === 0) {
        throw new Problem(
          "EMPTY_ASSUMPTION",
          "spec",
          `fault_assumption "${name}" breaks nothing`,
          `Say which calls fail and how, such as connect = deny("ECONNREFUSED"). Keywords: ${KEYWORDS.join(", ")}.`,
        );
      }
      const declared: FaultAssumption = {
        name,
        target: target.service.name,
        calls,
        monitors: list(where, args, "monitors").map((value) => {
          if (value instanceof MonitorValue) return value.monitor;
          throw wrongType(where, "monitors", "a list of monitors", value);
        }),
        description: optionalText(where, args, "description") ?? "",
      };
      declarations.declareAssumption(declared, thread.position()?.file ?? "");
      for (const line of describe(declared, declarations)) declarations.notice(line);
      return new AssumptionValue(declared);
    },
  );

  return [deny, delay, assumption];
}

function refuseLater(value: Value, what: string): void {
  if (value === null) return;
  throw new Problem(
    "NOT_IN_THIS_VERSION",
    "spec",
    `fault_assumption: ${what} can't be done in this version`,
    "Use connect=, write= or fsync= with deny(…) or delay(…).",
  );
}

function unknownTarget(name: string, target: Value, declarations: Declarations): Problem {
  const services = [...declarations.services.keys()];
  if (typeof target !== "string") {
    return new Problem(
      "WRONG_TYPE",
      "spec",
      `fault_assumption "${name}": target must be a service, got ${typeName(target)}`,
      services.length > 0 ? `Services: ${services.join(", ")}.` : "Declare one first: service(…).",
    );
  }
  return new Problem(
    "UNKNOWN_SERVICE",
    "spec",
    `fault_assumption "${name}": target is the text "${target}"${didYouMean(target, services)}`,
    `Give the service itself, not its name${services.length > 0 ? `: ${services.join(", ")}` : ""}.`,
  );
}

function known(name: string, keyword: string): Keyword {
  if (isKeyword(keyword)) return keyword;
  throw new Problem(
    "UNKNOWN_KEYWORD",
    "spec",
    `fault_assumption "${name}": no calls are named "${keyword}"${didYouMean(keyword, [...KEYWORDS, "target", "monitors", "description"])}`,
    `Keywords of this version: ${KEYWORDS.join(", ")}.`,
  );
}

function action(name: string, keyword: string, value: Value): Action {
  if (value instanceof ActionValue) return value.action;
  throw wrongType(`fault_assumption "${name}"`, keyword, 'deny("…") or delay("…")', value);
}

/** What the assumption will do, in a line a keyword: said when it is declared, since the ends of a connect are not evident. */
function describe(declared: FaultAssumption, declarations: Declarations): readonly string[] {
  const rules = place(declared, [...declarations.services.values()]);
  return [...declared.calls].map(([keyword, how]) => {
    const acting = rules.filter((rule) => rule.keyword === keyword);
    if (keyword !== "connect") return `${declared.name}: ${keyword} of ${declared.target} → ${describeAction(how)}`;
    if (acting.length === 0) {
      return `${declared.name}: nobody is declared to depend on ${declared.target}, and it depends on nothing, so no connect can be acted on`;
    }
    return `${declared.name}: connect ${edges(acting).join(", ")} → ${describeAction(how)}`;
  });
}
