/**
 * The connection file that a Jupyter client writes before it starts a kernel: where to bind and how to sign.
 * (Jupyter documentation, "Making kernels: Connection files".)
 */
import { readFileSync } from "node:fs";
import { Problem } from "../../model/problem.ts";

export const CHANNELS = ["shell", "control", "stdin", "hb", "iopub"] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Connection {
  /** A ZeroMQ endpoint a channel, e.g. `tcp://127.0.0.1:5555`. */
  readonly endpoints: Readonly<Record<Channel, string>>;
  /** Empty: messages are neither signed nor checked. */
  readonly key: string;
  /** The digest of the HMAC, as `node:crypto` names it: `sha256` of `hmac-sha256`. */
  readonly digest: string;
  /** Z85 keys of a client that wants the sockets encrypted (CurveZMQ, jupyter_client 8.9). */
  readonly curve?: { readonly publicKey: string; readonly secretKey: string };
}

/** @throws Problem BAD_CONNECTION_FILE when the file can't be read or misses what binding needs. */
export function readConnection(path: string): Connection {
  let fields: unknown;
  try {
    fields = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw bad(path, `can't be read: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (typeof fields !== "object" || fields === null) throw bad(path, "does not hold a JSON object");
  const map = new Map<string, unknown>(Object.entries(fields));

  const text = (name: string, otherwise?: string): string => {
    const value = map.get(name) ?? otherwise;
    if (typeof value !== "string") throw bad(path, `has no text \`${name}\``);
    return value;
  };
  const endpoint = (channel: Channel): string => {
    const port = map.get(`${channel}_port`);
    if (typeof port !== "number" || !Number.isInteger(port)) throw bad(path, `has no number \`${channel}_port\``);
    const transport = text("transport", "tcp");
    if (transport === "tcp") return `tcp://${text("ip", "127.0.0.1")}:${port}`;
    if (transport === "ipc") return `ipc://${text("ip")}-${port}`;
    throw bad(path, `asks for the transport \`${transport}\`; known are tcp and ipc`);
  };

  const scheme = text("signature_scheme", "hmac-sha256");
  if (!/^hmac-(sha1|sha224|sha256|sha384|sha512|md5)$/.test(scheme)) throw bad(path, `asks for the signature scheme \`${scheme}\``);
  const publicKey = map.get("curve_publickey");
  const secretKey = map.get("curve_secretkey");
  return {
    endpoints: {
      shell: endpoint("shell"),
      control: endpoint("control"),
      stdin: endpoint("stdin"),
      hb: endpoint("hb"),
      iopub: endpoint("iopub"),
    },
    key: text("key", ""),
    digest: scheme.slice("hmac-".length),
    ...(typeof publicKey === "string" && typeof secretKey === "string" ? { curve: { publicKey, secretKey } } : {}),
  };
}

function bad(path: string, what: string, cause?: unknown): Problem {
  return new Problem(
    "BAD_CONNECTION_FILE",
    "system",
    `The connection file ${path} ${what}.`,
    "A Jupyter client writes this file when it starts the kernel: start it there (`./faultbook lab`), not by hand.",
    { cause },
  );
}
