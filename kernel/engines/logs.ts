/** A container's output as the engine keeps it: messages of its log, from a point in time, to the end or for as long as it runs. */
import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { type Message, FrameReader, timeOf } from "./frames.ts";
import { chunksOf } from "./chunks.ts";
import type { Line } from "./engine.ts";

export interface LogRange {
  readonly follow: boolean;
  /** Messages from this time on, as a message's own `time`, less a margin; all when absent. */
  readonly since?: string;
  /** At most this many, the last ones. */
  readonly tail?: number;
}

/** Two streams are written down by two writers, whose times may stand in the file in another order. */
const MARGIN_MS = 100;

/**
 * The messages of a range. Throws what the engine's client throws, 404 when there is no such container; ends when the range
 * does. The stream is read only as fast as it is consumed, so a slow consumer holds back the engine and not our memory.
 */
export async function* readLogs(docker: Dockerode, container: string, range: LogRange, stop: AbortSignal): AsyncGenerator<Message> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: range.follow,
    tail: range.tail ?? "all",
    ...(range.since === undefined ? {} : { since: unixTime(range.since) }),
  };
  // The library streams only what it is told to follow, and hands on anything else in one piece, whatever its size.
  const options = { follow: true as const, abortSignal: stop, _query: query };
  const stream = await docker.getContainer(container).logs(options);
  const frames = new FrameReader();
  try {
    for await (const chunk of chunksOf(stream)) yield* frames.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk, "latin1"));
  } finally {
    if (stream instanceof Readable) stream.destroy();
  }
}

/** Seconds since the epoch with nine digits behind the point, less the margin. */
function unixTime(time: string): string {
  const whole_ms = Date.parse(`${time.slice(0, 19)}Z`);
  const nanoseconds =
    BigInt(whole_ms) * 1_000_000n + BigInt((/\.(\d{1,9})/.exec(time)?.[1] ?? "0").padEnd(9, "0")) - BigInt(MARGIN_MS) * 1_000_000n;
  return `${nanoseconds / 1_000_000_000n}.${String(nanoseconds % 1_000_000_000n).padStart(9, "0")}`;
}

/** A line that never ends is handed on when it has grown to this many bytes. */
const LINE_MAX = 256 * 1024;

/** Puts messages together to lines: what the engine cut at 16 KiB becomes one line again, each stream for itself. */
export class LineJoiner {
  readonly #open = { stdout: [] as Buffer[], stderr: [] as Buffer[] };

  /** The line that this message completes, if it does. Its time is that of its last message. */
  push(message: Message): Line | undefined {
    const open = this.#open[message.stream];
    if (message.complete && open.length === 0) return lineOf(message.stream, message.text, message.time);
    // A copy: what is kept must not hold the whole chunk that it came in.
    open.push(Buffer.from(message.text));
    if (!message.complete && open.reduce((sum, part) => sum + part.length, 0) < LINE_MAX) return undefined;
    return lineOf(message.stream, Buffer.concat(open.splice(0)), message.time);
  }

  /** The unfinished lines, when nothing can finish them any more. */
  flush(time: string): readonly Line[] {
    const lines: Line[] = [];
    for (const stream of ["stdout", "stderr"] as const) {
      const open = this.#open[stream];
      if (open.length > 0) lines.push(lineOf(stream, Buffer.concat(open.splice(0)), time));
    }
    return lines;
  }
}

function lineOf(stream: "stdout" | "stderr", text: Buffer, time: string): Line {
  const end = text.length > 0 && text[text.length - 1] === 0x0d ? text.length - 1 : text.length;
  return { stream, text: text.toString("utf8", 0, end), time_ms: timeOf(time) };
}
