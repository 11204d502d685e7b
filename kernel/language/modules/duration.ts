/** Spans of time as values of the language, spelled as Go spells them: 1h2m3.5s. */
import { Failure } from "../errors.ts";
import { int } from "../integer.ts";
import type { ArithmeticOperator } from "../tree.ts";
import { HostValue } from "../value.ts";
import type { Value } from "../value.ts";
import { Float } from "../values/float.ts";
import { Time } from "./moment.ts";

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);
const INT64_MAX = 2n ** 63n - 1n;

export class Duration extends HostValue {
  readonly type = "time.duration";
  /** Nanoseconds, within 64 bits. */
  readonly ns: bigint;

  constructor(ns: bigint) {
    super();
    this.ns = BigInt.asIntN(64, ns);
  }

  override truth(): boolean {
    return this.ns !== 0n;
  }

  override attr(name: string): Value | undefined {
    switch (name) {
      case "hours":
        return new Float(Number(this.ns) / 3.6e12);
      case "minutes":
        return new Float(Number(this.ns) / 6e10);
      case "seconds":
        return new Float(Number(this.ns) / 1e9);
      case "milliseconds":
        return int(this.ns / 1_000_000n);
      case "microseconds":
        return int(this.ns / 1_000n);
      case "nanoseconds":
        return int(this.ns);
      default:
        return undefined;
    }
  }

  override attrNames(): readonly string[] {
    return ["hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"];
  }

  override missing(name: string): string {
    return `unrecognized time.duration attribute "${name}"`;
  }

  override equals(other: Value): boolean {
    return other instanceof Duration && other.ns === this.ns;
  }

  override hash(): string {
    return this.ns.toString();
  }

  override compare(other: HostValue): number {
    return other instanceof Duration ? Number(this.ns > other.ns) - Number(this.ns < other.ns) : 0;
  }

  override binary(operator: ArithmeticOperator, other: Value, side: "left" | "right"): Value | undefined {
    if (operator === "*" && (typeof other === "number" || typeof other === "bigint")) return new Duration(this.ns * int64(other));
    if (side === "right") return undefined;
    if (operator === "+" && other instanceof Time) return other.shifted(this.ns);
    if (operator === "/" && other instanceof Float) return new Duration(BigInt(Math.trunc(Number(this.ns) / nonZero(other.value))));
    if (operator === "/" && (typeof other === "number" || typeof other === "bigint")) return new Duration(this.ns / nonZero(int64(other)));
    if (!(other instanceof Duration)) return undefined;
    switch (operator) {
      case "+":
        return new Duration(this.ns + other.ns);
      case "-":
        return new Duration(this.ns - other.ns);
      case "/":
        return new Float(Number(this.ns) / Number(nonZero(other.ns)));
      case "//":
        return int(this.ns / nonZero(other.ns));
      default:
        return undefined;
    }
  }

  repr(): string {
    return spell(this.ns);
  }
}

function int64(value: number | bigint): bigint {
  const wide = BigInt(value);
  if (wide !== BigInt.asIntN(64, wide)) throw new Failure("int value out of range (want signed 64-bit value)");
  return wide;
}

function nonZero<T extends number | bigint>(divisor: T): T {
  if (Number(divisor) === 0) throw new Failure("time.duration division by zero");
  return divisor;
}

function spell(ns: bigint): string {
  if (ns === 0n) return "0s";
  const sign = ns < 0n ? "-" : "";
  const size = ns < 0n ? -ns : ns;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** A whole number of the smallest unit as a decimal number of one 10 to the places larger. */
function decimal(size: bigint, places: number): string {
  const digits = size.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (fraction === "" ? "" : `.${fraction}`);
}

/** Reads what Go's time.ParseDuration reads: 1h30m, -1.5s, 300ms. */
export function parseDuration(text: string): Duration {
  const quoted = JSON.stringify(text);
  const [, sign = "", parts = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (parts === "0") return new Duration(0n);
  if (parts === "") throw new Failure(`time: invalid duration ${quoted}`);
  let ns = 0n;
  let rest = parts;
  while (rest !== "") {
    const found = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest);
    const [all = "", whole = "", fraction = "", unit = ""] = found ?? [];
    if (whole === "" && fraction === "") throw new Failure(`time: invalid duration ${quoted}`);
    if (unit === "") throw new Failure(`time: missing unit in duration ${quoted}`);
    const worth = UNITS.get(unit);
    if (worth === undefined) throw new Failure(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    ns += BigInt(whole === "" ? "0" : whole) * worth + (BigInt(fraction === "" ? "0" : fraction) * worth) / 10n ** BigInt(fraction.length);
    rest = rest.slice(all.length);
  }
  if (ns > INT64_MAX) throw new Failure(`time: invalid duration ${quoted}`);
  return new Duration(sign === "-" ? -ns : ns);
}
