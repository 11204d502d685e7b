/** Time zones: what clocks show in a place at a moment, by the engine's copy of the IANA database. */

/** A date and a clock. */
export interface Civil {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Seconds ahead of UTC. */
  readonly offset_s: number;
  /** CET, or +01 where there is none. */
  readonly abbreviation: string;
}

const BILLION = 1_000_000_000n;

export function zoneExists(zone: string): boolean {
  if (zone === "" || zone === "UTC") return true;
  try {
    formatter(zone);
    return !/^[+-]/.test(zone);
  } catch {
    return false;
  }
}

function formatter(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
}

/** Seconds that a zone is ahead of UTC at a moment. */
export function offsetAt(zone: string, ms: number): number {
  if (zone === "" || zone === "UTC") return 0;
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(formatter(zone).format(ms));
  if (fixed === null) return 0;
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = fixed;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** What a clock in the zone shows. */
export function civil(ns: bigint, zone: string): Civil {
  const nanosecond = ((ns % BILLION) + BILLION) % BILLION;
  const ms = Number((ns - nanosecond) / 1_000_000n);
  const offset_s = offsetAt(zone, ms);
  const shown = new Date(ms + offset_s * 1000);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    nanosecond: Number(nanosecond),
    offset_s,
    abbreviation: abbreviation(zone, ms, offset_s),
  };
}

function abbreviation(zone: string, ms: number, offset_s: number): string {
  if (zone === "" || zone === "UTC") return "UTC";
  const short =
    zone.startsWith("+") || zone.startsWith("-")
      ? ""
      : new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "short" }).format(ms);
  const name = /[A-Z]{3,5}$/.exec(short)?.[0];
  if (name !== undefined) return name;
  const minutes = Math.abs(offset_s) / 60;
  const rest = minutes % 60 === 0 ? "" : String(minutes % 60).padStart(2, "0");
  return `${offset_s < 0 ? "-" : "+"}${String(Math.floor(minutes / 60)).padStart(2, "0")}${rest}`;
}

/** The moment at which clocks in the zone show a date and time; numbers out of their range carry over. */
export function moment(fields: Omit<Civil, "offset_s" | "abbreviation">, zone: string): bigint {
  const date = new Date(0);
  date.setUTCFullYear(fields.year, fields.month - 1, fields.day);
  date.setUTCHours(fields.hour, fields.minute, fields.second);
  const local = date.getTime();
  const first = local - offsetAt(zone, local) * 1000;
  const ms = local - offsetAt(zone, first) * 1000;
  return BigInt(ms) * 1_000_000n + BigInt(fields.nanosecond);
}
