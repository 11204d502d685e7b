/**
 * A service's output as facts: one of type `stdout` or `stderr` for each line of an observed stream, with the engine's time.
 *
 * Names that every event has a meaning of its own for (seq, time, type, service, line, fields, data) are not given to decoded
 * fields: a log's own "time" becomes `log_time`, and so on. `data` has every field under the log's own name.
 */
import type { Observation, Service } from "../../model/declaration.ts";
import type { Fact } from "../../model/event.ts";
import type { Engine, Line } from "../engines/engine.ts";
import { type Decode, compileDecoder } from "./decoder.ts";
import type { Source } from "./source.ts";

const RESERVED: ReadonlySet<string> = new Set(["seq", "time", "time_ms", "type", "service", "line", "fields", "data"]);

/** Bytes of a line and of each field that the record keeps. */
const TEXT_MAX = 4096;
/** `data` of a longer line is left out; its fields are there, cut. */
const DATA_LINE_MAX = 64 * 1024;

/** Follows what the service declares to observe, from the container's first line on. Problem DECODER_PATTERN before anything starts. */
export async function observe(service: Service, engine: Engine, emit: (fact: Fact) => void): Promise<Source> {
  const decoders = decodersOf(service.observe);
  if (decoders.size === 0) return { caughtUp: () => Promise.resolve(), close: () => undefined };
  return engine.follow(service.name, (line) => {
    const decode = decoders.get(line.stream);
    if (decode !== undefined) emit(factOf(service.name, line, decode));
  });
}

/** Per observed stream its decoders, in the order of declaration: the first that understands a line decides. */
export function decodersOf(observations: readonly Observation[]): ReadonlyMap<Line["stream"], readonly Decode[]> {
  const decoders = new Map<Line["stream"], Decode[]>();
  for (const { stream, decoder } of observations) {
    const known = decoders.get(stream) ?? [];
    if (decoder !== undefined) known.push(compileDecoder(decoder));
    decoders.set(stream, known);
  }
  return decoders;
}

export function factOf(service: string, line: Line, decoders: readonly Decode[]): Fact {
  const fields: Record<string, string> = { line: capped(line.text) };
  const fact = { time_ms: line.time_ms, service, type: line.stream, fields };
  for (const decode of decoders) {
    const decoded = decode(line.text);
    if (decoded === undefined) continue;
    for (const [name, text] of Object.entries(decoded.fields)) fields[RESERVED.has(name) ? `log_${name}` : name] = capped(text);
    return line.text.length > DATA_LINE_MAX ? fact : { ...fact, data: decoded.data };
  }
  return fact;
}

/** At most TEXT_MAX bytes of UTF-8, whole characters, with a mark where something was cut. */
function capped(text: string): string {
  if (text.length * 3 <= TEXT_MAX || Buffer.byteLength(text) <= TEXT_MAX) return text;
  const bytes = Buffer.from(text.slice(0, TEXT_MAX));
  let end = TEXT_MAX - 3;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString("utf8", 0, end)}…`;
}
