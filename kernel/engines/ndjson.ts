/** The progress of a build or a pull: one JSON object a line, in a stream that may be cut anywhere. */
import type { Json } from "../../model/json.ts";

export type ProgressLine = Readonly<Record<string, Json>>;

/** The objects of a stream, in order; lines that are no object are left out. */
export async function* progressLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<ProgressLine> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield* parsed(line);
  }
  yield* parsed(rest);
}

function* parsed(line: string): Generator<ProgressLine> {
  if (line.trim() === "") return;
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch {
    return;
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) yield value as ProgressLine;
}

/** The text of a member, "" where there is none. */
export function textOf(line: ProgressLine, member: string): string {
  const value = line[member];
  return typeof value === "string" ? value : "";
}
