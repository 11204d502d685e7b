/** The module `time`: moments and durations. The clock is the host's; without one there is no `now`. */
import { Failure } from "../errors.ts";
import { forParameter, label, named, positional, wantInt, wantString } from "../unpack.ts";
import type { Value } from "../value.ts";
import { itemAt, typeName } from "../value.ts";
import { Builtin } from "../values/builtin.ts";
import { Duration, parseDuration } from "./duration.ts";
import { parseTime } from "./layout.ts";
import { Time } from "./moment.ts";
import { moment, zoneExists } from "./zone.ts";

const RFC3339 = "2006-01-02T15:04:05Z07:00";
const FIELDS = ["year?", "month?", "day?", "hour?", "minute?", "second?", "nanosecond?"];

export const timeMembers: ReadonlyMap<string, Value> = new Map<string, Value>([
  member("from_timestamp", "time.from_timestamp(sec, nsec = 0): the moment so long after 1970, in UTC", (_thread, args, kwargs) => {
    positional("from_timestamp", args, kwargs, 1, 2);
    const [seconds = 0, nanoseconds = 0] = args.map((arg, i) => forParameter("from_timestamp", i + 1, () => wantInt(arg)));
    return new Time(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), "UTC");
  }),
  member("is_valid_timezone", "time.is_valid_timezone(name): whether there is such a zone", (_thread, args, kwargs) => {
    positional("is_valid_timezone", args, kwargs, 1, 1);
    return zoneExists(forParameter("is_valid_timezone", 1, () => wantString(itemAt(args, 0))));
  }),
  member("now", "time.now(): the present moment", (thread) => {
    if (thread.options.now === undefined) throw new Failure("time.now() is not available");
    return new Time(thread.options.now(), "UTC");
  }),
  member("parse_duration", 'time.parse_duration(text): "1h30m", "1.5s", "300ms"', (_thread, args, kwargs) => {
    positional("parse_duration", args, kwargs, 1, 1);
    const given = itemAt(args, 0);
    if (given instanceof Duration) return given;
    return forParameter("parse_duration", 1, () => {
      if (typeof given !== "string") throw new Failure(`got ${typeName(given)}, want a duration, string, or int`);
      return parseDuration(given);
    });
  }),
  member(
    "parse_time",
    "time.parse_time(text, format = RFC 3339, location = UTC): the moment that a text means",
    (_thread, args, kwargs) => {
      const names = ["x", "format?", "location?"];
      const [text, format, location] = named("parse_time", args, kwargs, names).map((value, i) =>
        value === undefined
          ? undefined
          : forParameter("parse_time", label(itemAt(names, i).replace("?", ""), kwargs), () => wantString(value)),
      );
      const parsed = parseTime(text ?? "", format ?? RFC3339, knownZone(location ?? "UTC"));
      return new Time(parsed.ns, parsed.zone);
    },
  ),
  member(
    "time",
    "time.time(year =, month =, day =, hour =, minute =, second =, nanosecond =, location =): a moment",
    (_thread, args, kwargs) => {
      const values = named("time", args, kwargs, [...FIELDS, "location?"]);
      const number = (place: number, otherwise: number): number => {
        const value = values[place];
        return value === undefined
          ? otherwise
          : forParameter("time", label(itemAt(FIELDS, place).replace("?", ""), kwargs), () => wantInt(value));
      };
      const zone = values[FIELDS.length];
      const location = zone === undefined ? "" : forParameter("time", label("location", kwargs), () => wantString(zone));
      if (args.length > 0) throw new Failure("time: unexpected positional arguments");
      const date = { year: number(0, 0), month: number(1, 0), day: number(2, 0) };
      const clock = { hour: number(3, 0), minute: number(4, 0), second: number(5, 0), nanosecond: number(6, 0) };
      return new Time(moment({ ...date, ...clock }, knownZone(location)), location === "" ? "UTC" : location);
    },
  ),
  ["nanosecond", new Duration(1n)],
  ["microsecond", new Duration(1_000n)],
  ["millisecond", new Duration(1_000_000n)],
  ["second", new Duration(1_000_000_000n)],
  ["minute", new Duration(60_000_000_000n)],
  ["hour", new Duration(3_600_000_000_000n)],
]);

function member(name: string, doc: string, implementation: Builtin["implementation"]): [string, Builtin] {
  return [name, new Builtin(name, implementation, { doc })];
}

function knownZone(zone: string): string {
  if (!zoneExists(zone)) throw new Failure(`unknown time zone ${zone}`);
  return zone;
}
