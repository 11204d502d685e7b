/** The problems of a service that was expected to run and doesn't: how it ended and the last that it said, or that it is not there. */
import { Problem } from "../../model/problem.ts";
import type { Line, State } from "./engine.ts";

export const LAST_LINES = 20;

export function serviceDied(service: string, state: Extract<State, { state: "exited" }>, last: readonly Line[], while_: string): Problem {
  const how = state.oom_killed
    ? `was killed for lack of memory (exit code ${state.exit_code})`
    : `exited with code ${state.exit_code}${signalName(state.exit_code)}`;
  return new Problem("SERVICE_DIED", "system", `${service} ${how} ${while_}${lastLines(last)}`, hintFor(state.exit_code, last));
}

/** The problem of a service whose container is not there. */
export function serviceAbsent(service: string): Problem {
  return new Problem(
    "SERVICE_ABSENT",
    "system",
    `the container of ${service} is gone`,
    "It was removed from outside, or never started. Run the cell again to start it anew.",
  );
}

/** The lines for a message, indented; says so when there are none. */
export function lastLines(lines: readonly Line[]): string {
  if (lines.length === 0) return "\nIt wrote nothing.";
  return ["\nIts last lines:", ...lines.map((line) => `  ${line.text.length > 300 ? `${line.text.slice(0, 300)}…` : line.text}`)].join(
    "\n",
  );
}

function signalName(code: number): string {
  if (code === 137) return " (SIGKILL)";
  if (code === 139) return " (SIGSEGV)";
  if (code === 143) return " (SIGTERM)";
  return "";
}

function hintFor(code: number, last: readonly Line[]): string {
  if (code === 127 || code === 126)
    return "127 and 126 mean that its command was not found or can't be executed: see args= and the image's command.";
  if (last.length === 0) return "Run its image by hand to see more, with the same env= and args=.";
  return "What it wrote says why; env=, args= and what it depends on are the usual places to look.";
}
