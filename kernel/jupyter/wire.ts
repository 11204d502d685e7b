/**
 * The Jupyter wire format: ZeroMQ frames to a message and back, with signatures. Knows no message type.
 * (Jupyter messaging, "The Wire Protocol": identities, delimiter, signature, header, parent, metadata, content, buffers.)
 */
import { createHmac, createSecretKey, randomUUID, timingSafeEqual, type KeyObject } from "node:crypto";

export const PROTOCOL_VERSION = "5.5";

const DELIMITER = Buffer.from("<IDS|MSG>");

/** A JSON object whose members nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Request {
  readonly type: string;
  readonly content: Fields;
  readonly metadata: Fields;
  readonly origin: Origin;
}

/** What an answer needs of its request: whom to send it to, and the header that everything about it carries as its parent. */
export interface Origin {
  /** Routing frames, copied verbatim to the reply. */
  readonly identities: readonly Buffer[];
  /** The header as it came, JSON in UTF-8. */
  readonly header: Buffer | string;
}

/** The parent of what no request caused. */
export const NOBODY: Origin = { identities: [], header: "{}" };

export type Frames = (Buffer | string)[];

export class Wire {
  /** Ours, new with every process: clients recognise a restart by it. */
  readonly session: string = randomUUID();
  readonly #key: KeyObject | undefined;
  readonly #digest: string;
  #sent = 0;

  constructor(key: string, digest: string) {
    this.#key = key === "" ? undefined : createSecretKey(Buffer.from(key));
    this.#digest = digest;
  }

  /** Undefined for what is no message or not signed with our key: whoever can't sign gets no answer, not even an error. */
  parse(frames: readonly Buffer[]): Request | undefined {
    const start = frames.findIndex((frame) => frame.equals(DELIMITER));
    if (start < 0) return undefined;
    const [signature, header, parent, metadata, content] = frames.slice(start + 1);
    if (!signature || !header || !parent || !metadata || !content) return undefined;
    if (!this.#verifies(signature, [header, parent, metadata, content])) return undefined;
    try {
      const type = objectIn(header)?.["msg_type"];
      const fields = { content: objectIn(content), metadata: objectIn(metadata) };
      if (typeof type !== "string" || !fields.content || !fields.metadata) return undefined;
      return { type, content: fields.content, metadata: fields.metadata, origin: { identities: frames.slice(0, start), header } };
    } catch {
      return undefined;
    }
  }

  /** The frames of a message of ours; `route` goes before the delimiter: identities of a reply, topic of a broadcast. */
  frames(route: readonly (Buffer | string)[], type: string, content: object, parent: Origin, metadata: object = {}): Frames {
    this.#sent += 1;
    const header = JSON.stringify({
      msg_id: `${this.session}_${this.#sent}`,
      session: this.session,
      username: "kernel",
      date: new Date().toISOString(),
      msg_type: type,
      version: PROTOCOL_VERSION,
    });
    const signed = [header, parent.header, wellFormed(JSON.stringify(metadata)), wellFormed(JSON.stringify(content))];
    return [...route, DELIMITER, this.#sign(signed), ...signed];
  }

  #sign(signed: readonly (Buffer | string)[]): string {
    if (this.#key === undefined) return "";
    const hmac = createHmac(this.#digest, this.#key);
    for (const frame of signed) hmac.update(frame);
    return hmac.digest("hex");
  }

  #verifies(signature: Buffer, signed: readonly Buffer[]): boolean {
    if (this.#key === undefined) return true;
    const expected = Buffer.from(this.#sign(signed));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
}

function objectIn(json: Buffer): Fields | undefined {
  const value: unknown = JSON.parse(json.toString("utf8"));
  return isFields(value) ? value : undefined;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * JSON.stringify escapes a surrogate without its partner (cut text, bytes of a language whose strings are bytes), which no
 * UTF-8 can hold: servers written in Python fail on it. Such a character becomes U+FFFD.
 */
function wellFormed(json: string): string {
  if (!json.includes("\\ud")) return json;
  return json.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, "$1\\ufffd");
}
