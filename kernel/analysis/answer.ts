/**
 * Comparing what a scenario answered under a fault, or after it, with what it answers when nothing is broken. Two answers
 * are alike when a person would say that the user saw the same: same status and same shape; ids and times may differ.
 */
import type { Json } from "../../model/json.ts";

/** What a scenario returned, as far as it can be compared. */
export type Answer =
  | { readonly kind: "response"; readonly status: number; readonly data: Json; readonly error: string; readonly body: string }
  | { readonly kind: "value"; readonly text: string; readonly data: Json }
  | { readonly kind: "raised"; readonly message: string };

/** The shape of JSON: names and types, of a list its first element's. */
function shape(data: Json): string {
  if (data === null) return "null";
  if (typeof data !== "object") return typeof data;
  if (isList(data)) return data[0] === undefined ? "[]" : `[${shape(data[0])}]`;
  return `{${Object.entries(data)
    .map(([name, value]) => `${name}:${shape(value)}`)
    .sort()
    .join(",")}}`;
}

function isCompound(data: Json): boolean {
  return data !== null && typeof data === "object";
}

function isList(data: Json): data is readonly Json[] {
  return Array.isArray(data);
}

export function alike(a: Answer, b: Answer): boolean {
  if (a.kind === "response" && b.kind === "response") {
    return a.status === b.status && (a.status === 0 || shape(a.data) === shape(b.data) || (isList(a.data) && isList(b.data)));
  }
  // A number or a text is what the scenario chose to return, so it must be the same; in what it picked out of an answer, ids and times may differ.
  if (a.kind === "value" && b.kind === "value")
    return a.data === b.data || (isCompound(a.data) && isCompound(b.data) && shape(a.data) === shape(b.data));
  return false;
}

/** Whether a baseline answer says that the flow itself is broken: no answer at all, or a server error. */
export function broken(answer: Answer): string | undefined {
  switch (answer.kind) {
    case "raised":
      return answer.message;
    case "response":
      if (answer.status === 0) return answer.error;
      return answer.status >= 500 ? `answered ${answer.status}` : undefined;
    case "value":
      return undefined;
  }
}

const TEXT_MAX = 60;

/** An answer in a few words for a grid: `200`, `503 database: connect ECONNREFUSED`. */
export function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case "raised":
      return cut(answer.message);
    case "value":
      return cut(answer.text);
    case "response": {
      if (answer.status === 0) return cut(answer.error);
      if (answer.status < 400) return String(answer.status);
      const data = answer.data;
      const said = data !== null && typeof data === "object" && !isList(data) ? (data["error"] ?? data["message"]) : undefined;
      return cut(`${answer.status} ${typeof said === "string" ? said : answer.body}`.trimEnd());
    }
  }
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX - 1)}…` : line;
}
