/** What goes between the injector's main thread and the thread that serves listeners. Orders are taken in order; each has one answer. */
import type { Rule } from "../../model/rule.ts";
import type { Caller, CallReport, NoticeReport, RuleCounts } from "../messages.ts";

export interface WorkerData {
  /** Descriptor of the memory of `in-flight.ts`. */
  readonly memory: number;
  /** Event descriptor that says: orders have come. */
  readonly wake: number;
}

export type WorkerOrder =
  /** Serve this descriptor, whose processes are of this service. */
  | { readonly order: "serve"; readonly listener: number; readonly fd: number; readonly service: string }
  | { readonly order: "arm"; readonly rule: Rule; readonly callers: readonly Caller[]; readonly answer: number }
  | { readonly order: "disarm"; readonly rule: string; readonly answer: number }
  | { readonly order: "stop" };

export type WorkerReport =
  | CallReport
  | NoticeReport
  | { readonly report: "answer"; readonly answer: number; readonly counts?: RuleCounts }
  /** The last process under this listener's filter has ended; its descriptor is closed. */
  | { readonly report: "ended"; readonly listener: number };
