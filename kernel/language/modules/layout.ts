/** Times as texts by an example of Go's: a layout shows how Monday, January 2, 15:04:05 MST 2006 would be written. */
import { Failure } from "../errors.ts";
import type { Civil } from "./zone.ts";
import { moment } from "./zone.ts";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const ELEMENT =
  /January|Jan|Monday|Mon|MST|Z07:00|Z0700|Z07|-07:00|-0700|-07|2006|002|01|02|03|04|05|06|15|_2|1|2|3|4|5|PM|pm|[.,](?:0+|9+)(?!\d)/g;

/** Text and elements of a layout in order. */
function elements(layout: string): { readonly literal: string; readonly element: string | undefined }[] {
  const found: { literal: string; element: string | undefined }[] = [];
  let end = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    found.push({ literal: layout.slice(end, match.index), element: match[0] });
    end = match.index + match[0].length;
  }
  found.push({ literal: layout.slice(end), element: undefined });
  return found;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

export function formatTime(time: Civil, layout: string): string {
  return elements(layout)
    .map(({ literal, element }) => literal + (element === undefined ? "" : formatElement(time, element)))
    .join("");
}

function formatElement(time: Civil, element: string): string {
  const hour12 = time.hour % 12 === 0 ? 12 : time.hour % 12;
  switch (element) {
    case "2006":
      return String(time.year).padStart(4, "0");
    case "06":
      return two(((time.year % 100) + 100) % 100);
    case "January":
      return MONTHS[time.month - 1] ?? "";
    case "Jan":
      return (MONTHS[time.month - 1] ?? "").slice(0, 3);
    case "01":
      return two(time.month);
    case "1":
      return String(time.month);
    case "Monday":
      return DAYS[weekday(time)] ?? "";
    case "Mon":
      return (DAYS[weekday(time)] ?? "").slice(0, 3);
    case "02":
      return two(time.day);
    case "_2":
      return String(time.day).padStart(2);
    case "2":
      return String(time.day);
    case "002":
      return String(dayOfYear(time)).padStart(3, "0");
    case "15":
      return two(time.hour);
    case "03":
      return two(hour12);
    case "3":
      return String(hour12);
    case "04":
      return two(time.minute);
    case "4":
      return String(time.minute);
    case "05":
      return two(time.second);
    case "5":
      return String(time.second);
    case "PM":
      return time.hour >= 12 ? "PM" : "AM";
    case "pm":
      return time.hour >= 12 ? "pm" : "am";
    case "MST":
      return time.abbreviation;
    default:
      return /^[.,]/.test(element) ? fraction(time.nanosecond, element) : zoneText(time.offset_s, element);
  }
}

function midnight(time: Civil): Date {
  const date = new Date(0);
  date.setUTCFullYear(time.year, time.month - 1, time.day);
  return date;
}

function weekday(time: Civil): number {
  return midnight(time).getUTCDay();
}

function dayOfYear(time: Civil): number {
  return Math.round((midnight(time).getTime() - midnight({ ...time, month: 1, day: 1 }).getTime()) / 86_400_000) + 1;
}

/** `.000` gives three places, `.999` as many of three as there are digits for. */
function fraction(nanosecond: number, element: string): string {
  const digits = String(nanosecond)
    .padStart(9, "0")
    .slice(0, element.length - 1);
  if (element.charAt(1) === "0") return element.charAt(0) + digits;
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : element.charAt(0) + trimmed;
}

function zoneText(offset_s: number, element: string): string {
  if (element.startsWith("Z") && offset_s === 0) return "Z";
  const minutes = Math.floor(Math.abs(offset_s) / 60);
  const hours = `${offset_s < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}`;
  const shape = element.slice(1);
  return shape === "07" ? hours : `${hours}${shape.includes(":") ? ":" : ""}${two(minutes % 60)}`;
}

const PATTERNS: Readonly<Record<string, string>> = {
  "2006": "(\\d{4})",
  "06": "(\\d{2})",
  January: `(${MONTHS.join("|")})`,
  Jan: `(${MONTHS.map((month) => month.slice(0, 3)).join("|")})`,
  Monday: `(${DAYS.join("|")})`,
  Mon: `(${DAYS.map((day) => day.slice(0, 3)).join("|")})`,
  "002": "(\\d{3})",
  _2: " ?(\\d{1,2})",
  PM: "(AM|PM)",
  pm: "(am|pm)",
  MST: "([A-Z]{3,5}|[+-]\\d{2,4})",
  "Z07:00": "(Z|[+-]\\d\\d:\\d\\d)",
  Z0700: "(Z|[+-]\\d{4})",
  Z07: "(Z|[+-]\\d\\d)",
  "-07:00": "([+-]\\d\\d:\\d\\d)",
  "-0700": "([+-]\\d{4})",
  "-07": "([+-]\\d\\d)",
};

/** The moment that a text means, and the zone its clock is in: that of an offset in the text, otherwise the given one. */
export function parseTime(text: string, layout: string, zone: string): { readonly ns: bigint; readonly zone: string } {
  const parts = elements(layout);
  const pattern = parts.map(({ literal, element }) => literal.replace(/[$()*+.?[\\\]^{|}/]/g, "\\$&") + patternOf(element)).join("");
  const found = new RegExp(`^${pattern}$`).exec(text);
  if (found === null) throw new Failure(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse`);
  const fields = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  let afternoon: boolean | undefined;
  let offset: string | undefined;
  let at = 1;
  for (const { element } of parts) {
    if (element === undefined) continue;
    const value = found[at++] ?? "";
    if (element === "PM" || element === "pm") afternoon = value.toLowerCase() === "pm";
    else if (/^[Z-]/.test(element)) offset = value;
    else readElement(fields, element, value);
  }
  if (afternoon !== undefined) fields.hour = (fields.hour % 12) + (afternoon ? 12 : 0);
  checkFields(fields, text);
  const own = offset === undefined ? zone : zoneOfOffset(offset);
  return { ns: moment(fields, own), zone: own };
}

/** `Z`, `+0100`, `+01:00` and `+01` as the name of a zone. */
function zoneOfOffset(offset: string): string {
  const [, hours = "", minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(offset) ?? [];
  return hours === "" || `${hours.slice(1)}${minutes}` === "0000" ? "UTC" : `${hours}:${minutes}`;
}

function patternOf(element: string | undefined): string {
  if (element === undefined) return "";
  // As in Go, a fraction may follow the seconds though the layout has none.
  if (element === "05" || element === "5") return "(\\d{1,2}(?:[.,]\\d+)?)";
  if (/^[.,]/.test(element)) return element.charAt(1) === "0" ? `[.,](\\d{${element.length - 1}})` : "(?:[.,](\\d+))?";
  return PATTERNS[element] ?? (element.length === 2 ? "(\\d{2})" : "(\\d{1,2})");
}

type Fields = { -readonly [key in keyof Omit<Civil, "offset_s" | "abbreviation">]: number };

function readElement(fields: Fields, element: string, value: string): void {
  switch (element) {
    case "2006":
      fields.year = Number(value);
      break;
    case "06":
      fields.year = Number(value) + (Number(value) >= 69 ? 1900 : 2000);
      break;
    case "January":
    case "Jan":
      fields.month = MONTHS.findIndex((month) => month.startsWith(value)) + 1;
      break;
    case "01":
    case "1":
      fields.month = Number(value);
      break;
    case "02":
    case "_2":
    case "2":
      fields.day = Number(value);
      break;
    case "002":
      fields.month = 1;
      fields.day = Number(value);
      break;
    case "15":
    case "03":
    case "3":
      fields.hour = Number(value);
      break;
    case "04":
    case "4":
      fields.minute = Number(value);
      break;
    case "05":
    case "5": {
      const [second = "", rest = ""] = value.split(/[.,]/);
      fields.second = Number(second);
      if (rest !== "") fields.nanosecond = nanoseconds(rest);
      break;
    }
    default:
      if (/^[.,]/.test(element) && value !== "") fields.nanosecond = nanoseconds(value);
  }
}

function nanoseconds(digits: string): number {
  return Number(digits.slice(0, 9).padEnd(9, "0"));
}

function checkFields(fields: Fields, text: string): void {
  const lastDay = new Date(0);
  lastDay.setUTCFullYear(fields.year, fields.month, 0);
  let wrong: string | undefined;
  if (fields.month < 1 || fields.month > 12) wrong = "month";
  else if (fields.day < 1 || (fields.day > lastDay.getUTCDate() && fields.day <= 31)) wrong = "day";
  else if (fields.hour > 23) wrong = "hour";
  else if (fields.minute > 59) wrong = "minute";
  else if (fields.second > 59) wrong = "second";
  if (wrong !== undefined) throw new Failure(`parsing time ${JSON.stringify(text)}: ${wrong} out of range`);
}
