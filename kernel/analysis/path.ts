/**
 * Whether a call that a fault acted on lies on the scenario's path: made by a process that was serving a caller, or, where
 * no process is seen (packets), while a step of the scenario was under way. A checkpointer's write or a pool's ping is
 * neither, and proves nothing about the scenario.
 */

/** A step of the scenario: from the request to its answer, in epoch milliseconds. */
export interface Step {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Two processes read one clock, and not in the same instant. */
const SLACK_MS = 5;

export interface Call {
  readonly time_ms: number;
  readonly process?: { readonly pid: number; readonly title: string };
  readonly serving: readonly string[];
}

/** Undefined when the call is on the path, else where it was instead: "postgres: checkpointer (pid 41)". */
export function offPath(call: Call, steps: readonly Step[]): string | undefined {
  const during = steps.some((step) => call.time_ms >= step.from_ms - SLACK_MS && call.time_ms <= step.to_ms + SLACK_MS);
  if (call.process === undefined) return during ? undefined : "outside the scenario's steps";
  const who = `${call.process.title} (pid ${call.process.pid})`;
  if (call.serving.length === 0) return `${who}, which served no caller`;
  return during ? undefined : `${who}, outside the scenario's steps`;
}
