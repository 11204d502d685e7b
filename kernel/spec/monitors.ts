/** monitor: an invariant as a function over events, which says fail(…) when it is broken. */
import { builtin, HostValue, repr } from "../language/index.ts";
import type { Builtin, Value } from "../language/index.ts";
import { callable, knownService, wrongType } from "./arguments.ts";
import type { Declarations, Monitor } from "./declarations.ts";
import { ServiceValue } from "./service.ts";

export class MonitorValue extends HostValue {
  override readonly type = "monitor";
  readonly monitor: Monitor;
  constructor(monitor: Monitor) {
    super();
    this.monitor = monitor;
  }
  override attrNames(): readonly string[] {
    return ["name"];
  }
  override attr(name: string): Value | undefined {
    return name === "name" ? this.monitor.name : undefined;
  }
  override repr(): string {
    return `monitor(${repr(this.monitor.name)})`;
  }
}

export function monitors(declarations: Declarations): readonly Builtin[] {
  return [
    builtin("monitor", ["check", "service?"], (args) => {
      const check = callable("monitor", "check", args.get("check") ?? null);
      return new MonitorValue({ name: check.name, check, ...watched(args.get("service") ?? null, declarations) });
    }),
  ];
}

function watched(value: Value, declarations: Declarations): { service?: string } {
  if (value === null) return {};
  if (value instanceof ServiceValue) return { service: value.service.name };
  if (typeof value === "string") return { service: knownService("monitor", value, declarations.services.keys()) };
  throw wrongType("monitor", "service", "a service or its name", value);
}
