/** Points in time as values of the language. */
import { Failure } from "../errors.ts";
import { int } from "../integer.ts";
import type { ArithmeticOperator } from "../tree.ts";
import { positional, forParameter, wantString } from "../unpack.ts";
import { HostValue, itemAt } from "../value.ts";
import type { Value } from "../value.ts";
import { Builtin } from "../values/builtin.ts";
import { Duration } from "./duration.ts";
import { formatTime } from "./layout.ts";
import { civil, zoneExists } from "./zone.ts";
import type { Civil } from "./zone.ts";

const LAYOUT = "2006-01-02 15:04:05.999999999 -0700 MST";
/** The first second of the year 1, which is Go's zero time and counts as false. */
const ZERO = -62135596800_000_000_000n;

const METHODS: ReadonlyMap<string, Builtin> = new Map([
  method("format", "t.format(layout): as Go's time.Format, by the example 2006-01-02T15:04:05Z07:00", (time, text) =>
    formatTime(time.civil, text),
  ),
  method("in_location", "t.in_location(zone): the same moment on the clocks of another zone", (time, zone) => {
    if (!zoneExists(zone)) throw new Failure(`unknown time zone ${zone}`);
    return new Time(time.ns, zone);
  }),
]);

function method(name: string, doc: string, run: (time: Time, text: string) => Value): [string, Builtin] {
  const implementation: Builtin["implementation"] = (_thread, args, kwargs, receiver) => {
    if (!(receiver instanceof Time)) throw new Failure(`internal error: ${name} of another type`);
    positional(name, args, kwargs, 1, 1);
    return run(
      receiver,
      forParameter(name, 1, () => wantString(itemAt(args, 0))),
    );
  };
  return [name, new Builtin(name, implementation, { doc })];
}

export class Time extends HostValue {
  readonly type = "time.time";
  /** Nanoseconds since 1970. */
  readonly ns: bigint;
  readonly zone: string;
  #civil: Civil | undefined;

  constructor(ns: bigint, zone: string) {
    super();
    this.ns = ns;
    this.zone = zone;
  }

  /** Date and clock in its zone. */
  get civil(): Civil {
    this.#civil ??= civil(this.ns, this.zone);
    return this.#civil;
  }

  shifted(ns: bigint): Time {
    return new Time(this.ns + ns, this.zone);
  }

  override truth(): boolean {
    return this.ns !== ZERO;
  }

  override attr(name: string): Value | undefined {
    switch (name) {
      case "year":
      case "month":
      case "day":
      case "hour":
      case "minute":
      case "second":
      case "nanosecond":
        return this.civil[name];
      case "unix":
        return int((this.ns - (((this.ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n);
      case "unix_nano":
        return int(this.ns);
      default:
        return METHODS.get(name)?.bind(this);
    }
  }

  override attrNames(): readonly string[] {
    return [...METHODS.keys(), "year", "month", "day", "hour", "minute", "second", "nanosecond", "unix", "unix_nano"];
  }

  override equals(other: Value): boolean {
    return other instanceof Time && other.ns === this.ns;
  }

  override hash(): string {
    return this.ns.toString();
  }

  override compare(other: HostValue): number {
    return other instanceof Time ? Number(this.ns > other.ns) - Number(this.ns < other.ns) : 0;
  }

  override binary(operator: ArithmeticOperator, other: Value, side: "left" | "right"): Value | undefined {
    if (side === "right") return undefined;
    if (other instanceof Duration && operator === "+") return this.shifted(other.ns);
    if (other instanceof Duration && operator === "-") return this.shifted(-other.ns);
    if (other instanceof Time && operator === "-") return new Duration(this.ns - other.ns);
    return undefined;
  }

  repr(): string {
    return formatTime(this.civil, LAYOUT);
  }
}
