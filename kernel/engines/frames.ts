/**
 * The engine's log stream taken apart: a header of eight bytes (stream, three zeros, length as big-endian 32 bits) before
 * each message, and in each message a time, a blank and the text. A line over 16 KiB comes as several messages, of which only
 * the last ends with a line end. It cuts messages and joins no lines.
 * Source: Docker Engine API, "Attach to a container", stream format; moby daemon/logger/copier.go.
 */

export interface Message {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 in UTC with nine digits of a second, so texts compare as times do. */
  readonly time: string;
  /** Without the line end. */
  readonly text: Buffer;
  /** False where the line goes on in a later message of the same stream. */
  readonly complete: boolean;
}

const HEADER = 8;
/** The engine cuts at 16 KiB; whatever is far beyond that is not this format. */
const LENGTH_MAX = 4 * 1024 * 1024;

export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are complete with this chunk. Throws where the bytes are no log stream. */
  push(chunk: Buffer): readonly Message[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER) {
      const kind = bytes.readUInt32BE(at);
      const length = bytes.readUInt32BE(at + 4);
      const stream = kind === 0x02000000 ? "stderr" : kind === 0x01000000 || kind === 0 ? "stdout" : undefined;
      if (stream === undefined || length > LENGTH_MAX) throw new Error("the engine's log is not in the multiplexed stream format");
      const end = at + HEADER + length;
      if (bytes.length < end) break;
      messages.push(message(stream, bytes.subarray(at + HEADER, end)));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return messages;
  }
}

function message(stream: "stdout" | "stderr", payload: Buffer): Message {
  const blank = payload.indexOf(0x20);
  const time = payload.toString("latin1", 0, blank < 0 ? 0 : blank);
  const complete = payload.length > 0 && payload[payload.length - 1] === 0x0a;
  return { stream, time, text: payload.subarray(blank + 1, complete ? payload.length - 1 : payload.length), complete };
}

/** Milliseconds since the epoch, with the fraction that the engine gives. */
export function timeOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return Date.parse(`${time.slice(0, 19)}Z`) + Number(`0.${fraction || "0"}`) * 1000;
}
