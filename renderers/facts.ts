/**
 * What the events of one run mean for its timeline: bars and points on lanes, in milliseconds since the run began. No
 * pixels, no colours; nothing is left out here.
 */
import { parseDuration } from "../model/duration.ts";
import type { Event } from "../model/event.ts";
import type { MarkKind } from "./look.ts";

/** The lane of the probes; all others are services. */
export const TEST_LANE = "test";

/** The part of a run's time that is drawn, in epoch milliseconds. */
export interface Window {
  readonly began_ms: number;
  readonly ended_ms: number;
}

export interface Fact {
  readonly lane: string;
  readonly kind: MarkKind;
  readonly from_ms: number;
  /** The same as `from_ms` for what has no length. */
  readonly to_ms: number;
  /** What stands beside the mark: "connect db → ECONNREFUSED". */
  readonly label: string;
  /** The same where there is little room: "ECONNREFUSED". Absent where cutting the label does as well. */
  readonly short?: string;
  /** The rest, for the tooltip; may be "". */
  readonly detail: string;
  /** Events of the record that it stands for: two for a probe with its answer, none for what is only concluded. */
  readonly events: number;
}

/** A rule that is known to have been armed for the whole run, in case its arming lies before the events. */
export interface Armed {
  readonly service: string;
  readonly fault: string;
  readonly keyword: string;
  readonly action: string;
}

/** Facts in the order of their beginning. Time-reading of events: those of one run, in the order of the record. */
export function factsOf(events: readonly Event[], window: Window, armed: readonly Armed[]): Fact[] {
  const facts: Fact[] = [];
  const sent: { readonly event: Event; readonly key: string }[] = [];
  const applied: Event[] = [];
  const dead = new Map<string, number>();
  let end_ms = window.ended_ms - window.began_ms;
  const since = (event: Event): number => Math.max(0, event.time_ms - window.began_ms);
  for (const event of events) end_ms = Math.max(end_ms, since(event));
  const point = (event: Event, kind: MarkKind, label: string, detail = "", short?: string): void => {
    const at_ms = since(event);
    facts.push({
      lane: event.service,
      kind,
      from_ms: at_ms,
      to_ms: at_ms,
      label,
      detail,
      events: 1,
      ...(short === undefined ? {} : { short }),
    });
  };

  for (const event of events) {
    const { fields } = event;
    switch (event.type) {
      case "step_send":
        sent.push({ event, key: probeKey(event) });
        break;
      case "step_recv": {
        const index = sent.findIndex(({ key }) => key === probeKey(event));
        const [send] = index < 0 ? [] : sent.splice(index, 1);
        const took_ms = Number(fields["duration_ms"] ?? 0) || 0;
        const from_ms = send === undefined ? Math.max(0, since(event) - took_ms) : since(send.event);
        facts.push({ ...probe(event, from_ms, since(event)), events: send === undefined ? 1 : 2 });
        break;
      }
      case "syscall":
        facts.push(syscall(event, since(event), end_ms));
        break;
      case "reset": {
        const number = fields["connections"] ?? "";
        point(event, "reset", `reset ${number} → ${fields["target"] ?? "?"}`, said([["by", fields["fault"]]]), `reset ${number}`);
        break;
      }
      case "stdout":
      case "stderr":
        point(event, "line", lineSays(fields), event.type);
        break;
      case "service_died":
        dead.set(event.service, since(event));
        point(event, "died", said([["died", fields["detail"]]]) || "died", "", "died");
        break;
      case "service_starting":
      case "service_ready":
      case "service_restarted": {
        const from_ms = dead.get(event.service);
        if (from_ms !== undefined && event.type !== "service_starting") {
          dead.delete(event.service);
          facts.push({ lane: event.service, kind: "down", from_ms, to_ms: since(event), label: "", detail: "down", events: 0 });
        }
        const word = event.type.slice("service_".length);
        point(event, "up", word, fields["detail"] ?? "");
        break;
      }
      case "fault_applied":
        applied.push(event);
        break;
      case "fault_removed": {
        const index = applied.findIndex((one) => one.service === event.service && one.fields["rule"] === fields["rule"]);
        const [begin] = index < 0 ? [] : applied.splice(index, 1);
        facts.push({ ...band(begin ?? event, begin === undefined ? 0 : since(begin), since(event)), events: begin === undefined ? 1 : 2 });
        break;
      }
      case "violation": {
        const monitor = fields["monitor"] ?? "violation";
        point(event, "violation", said([[monitor, fields["message"]]]) || monitor, said([["event", fields["event"]]]), monitor);
        break;
      }
      default:
        break; // sources that have no lane of their own yet
    }
  }
  for (const { event } of sent) facts.push(unanswered(event, since(event), end_ms));
  for (const event of applied) facts.push(band(event, since(event), end_ms));
  for (const [lane, from_ms] of dead) facts.push({ lane, kind: "down", from_ms, to_ms: end_ms, label: "", detail: "down", events: 0 });
  const seen = new Set(facts.filter(({ kind }) => kind === "armed").map(({ lane }) => lane));
  for (const { service, fault, keyword, action } of armed) {
    if (seen.has(service)) continue;
    facts.push({ lane: service, kind: "armed", from_ms: 0, to_ms: end_ms, label: `${fault}: ${keyword} ${action}`, detail: "", events: 0 });
  }
  return joinBands(facts.sort((one, other) => one.from_ms - other.from_ms));
}

/** One band for all rules of a fault that are armed on a service at the same time: "disk_full: write …, fsync …". */
function joinBands(facts: readonly Fact[]): Fact[] {
  const bands: Fact[] = [];
  for (const fact of facts) {
    if (fact.kind !== "armed") continue;
    const name = fact.label.split(": ", 1)[0] ?? "";
    const index = bands.findIndex((band) => band.lane === fact.lane && band.label.startsWith(`${name}: `) && fact.from_ms <= band.to_ms);
    const band = bands[index];
    if (band === undefined) {
      bands.push(fact);
      continue;
    }
    const rule = fact.label.slice(name.length + 2);
    const label = band.label.includes(rule) ? band.label : `${band.label}, ${rule}`;
    bands[index] = { ...band, to_ms: Math.max(band.to_ms, fact.to_ms), label, events: band.events + fact.events };
  }
  return [...bands, ...facts.filter((fact) => fact.kind !== "armed")];
}

function probeKey({ fields }: Event): string {
  return JSON.stringify([fields["target"], fields["interface"], fields["method"], fields["summary"]]);
}

function probe(event: Event, from_ms: number, to_ms: number): Fact {
  const { summary = "", status = "", outcome = "", error = "", target = "" } = event.fields;
  const answer = status !== "" && status !== "0" ? status : error || outcome;
  const label = summary.includes("→") || answer === "" ? summary : `${summary} → ${answer}`;
  const isWell = error === "" && outcome !== "unknown" && !(Number(status) >= 400) && status !== "0";
  const detail = said([
    ["to", target],
    ["error", error],
    ["outcome", outcome === "unknown" ? outcome : ""],
  ]);
  return { lane: TEST_LANE, kind: isWell ? "probe" : "probe failed", from_ms, to_ms, label, detail, events: 1 };
}

function unanswered(event: Event, from_ms: number, to_ms: number): Fact {
  const label = `${event.fields["summary"] ?? event.fields["method"] ?? "probe"} → no answer yet`;
  return { lane: TEST_LANE, kind: "probe failed", from_ms, to_ms, label, detail: said([["to", event.fields["target"]]]), events: 1 };
}

function syscall(event: Event, from_ms: number, end_ms: number): Fact {
  const { syscall: name = "", keyword = "", decision = "", errno = "", target = "", path = "", process = "", pid = "" } = event.fields;
  const { held = "", scenario_path: onPath = "yes" } = event.fields;
  const call = [name === "" ? keyword : name, target === "" ? shortPath(path) : target].filter((part) => part !== "").join(" ");
  const by = process === "" ? "" : `${process}${pid === "" ? "" : ` (pid ${pid})`}`;
  const off = onPath === "yes" || onPath === "" ? "" : onPath;
  const detail = said([
    ["by", by],
    ["path", path],
    ["held", held],
    ["off the path", off],
  ]);
  const base = { lane: event.service, from_ms, to_ms: from_ms, detail, events: 1 };
  if (decision.startsWith("deny"))
    return { ...base, kind: off === "" ? "denied" : "off path", label: `${call} → ${errno || decision}`, short: errno || decision };
  const delay = /^(?:delay|hold)\((.*)\)$/.exec(decision)?.[1];
  if (delay === undefined) return { ...base, kind: "call", label: call };
  const took_ms = Number(event.fields["passed_ms"]) || (parseDuration(delay.replaceAll(" ", "").replace(/min$/, "m")) ?? 0);
  if (off !== "") return { ...base, kind: "off path", label: `${call}, ${delay} later` };
  return { ...base, kind: "delayed", to_ms: Math.min(from_ms + took_ms, Math.max(end_ms, from_ms)), label: `${call}, ${delay}` };
}

function band({ service, fields }: Event, from_ms: number, to_ms: number): Fact {
  const { fault = "", keyword = "", action = "", mechanism = "" } = fields;
  return {
    lane: service,
    kind: "armed",
    from_ms,
    to_ms,
    label: `${fault}: ${keyword} ${action}`.trim(),
    detail: said([["by", mechanism]]),
    events: 1,
  };
}

/** The end of a path that tells most: "…/pg_wal/000000…0001" rather than "/var/lib/postgresql/…". */
function shortPath(path: string): string {
  const parts = path.split("/").map((part) => (part.length <= 16 ? part : `${part.slice(0, 7)}…${part.slice(-6)}`));
  return parts.length <= 3 ? parts.join("/") : `…/${parts.slice(-2).join("/")}`;
}

/** "by node, path /data" of what there is to say; a pair that says nothing falls away. */
function said(pairs: readonly (readonly [word: string, text: string | undefined])[]): string {
  return pairs
    .filter(([, text]) => text !== undefined && text !== "")
    .map(([word, text]) => `${word}: ${text ?? ""}`)
    .join(", ");
}

/** What a line of output says: the message of a structured log, else the line itself. */
function lineSays(fields: Event["fields"]): string {
  return fields["message"] ?? fields["msg"] ?? fields["line"] ?? "";
}
