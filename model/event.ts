/**
 * One fact of the record. `fields` are texts, flat, as filters see them; `data` has the same with its types where there is
 * more to say. Types that this version records:
 *
 * | type | service | fields |
 * |---|---|---|
 * | step_send | test | target, interface, protocol, method, summary |
 * | step_recv | test | target, interface, protocol, method, summary, status, outcome, duration_ms, error |
 * | syscall | the caller | syscall, keyword, decision (`deny(connection refused)`, `delay(3 s)`), errno, fault, rule, target, pid, process, path, scenario_path ("yes" when its process served a caller, else "no"), held (what a held thread serves), passed_ms (how long a delay really was), mechanism |
 * | reset | the caller | target, fault, connections |
 * | stdout, stderr | the writer | line, and what the decoder found |
 * | service_starting, service_ready, service_died, service_restarted | the service | detail |
 * | fault_applied, fault_removed | the service acted on | fault, rule, keyword, action, mechanism |
 * | violation | the service of the event | monitor, message, event |
 * | notice | faultbook | code, message: what our own machinery has to say |
 */
import type { Json } from "./json.ts";

export const EVENT_TYPES = [
  "step_send",
  "step_recv",
  "syscall",
  "reset",
  "stdout",
  "stderr",
  "service_starting",
  "service_ready",
  "service_died",
  "service_restarted",
  "fault_applied",
  "fault_removed",
  "violation",
  "notice",
] as const;

export interface Event {
  /** Position in the session's record, from 1, without gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly time_ms: number;
  readonly service: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly data?: Json;
}

/** An event before the record has given it its position. */
export type Fact = Omit<Event, "seq">;
