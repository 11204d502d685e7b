/**
 * The HTTP probe. Each request has a connection of its own, since on a pooled one a fault on `connect` would never fire. It
 * follows no redirect and repeats nothing: what the service answered is what the cell sees.
 */
import type { Client as HttpClient } from "undici";
import type { Response } from "../../model/declaration.ts";
import { parseDuration } from "../../model/duration.ts";
import { errnoText, isErrnoName } from "../../model/errno.ts";
import type { Json } from "../../model/json.ts";
import { argumentProblem, checked } from "./arguments.ts";
import type { Arguments, Method, Parameter, Place, Probe } from "./probe.ts";

export interface HttpRequest {
  /** In capitals. */
  readonly method: string;
  readonly address: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From the first step of connecting to the last byte of the answer. */
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
}

const BODY_MAX = 1024 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * What came of one request. It throws only the reason of `signal`. `outcome` is "refused" as long as nothing of the request
 * can have reached the service: no connection was made. From then on a failure is "unknown".
 */
export async function probeHttp(request: HttpRequest): Promise<Response> {
  request.signal.throwIfAborted();
  // Loaded with the first probe: 60 ms that the start of a session need not spend.
  const { Client } = await import("undici");
  const began_ms = performance.now();
  const limit = AbortSignal.timeout(Math.max(1, Math.ceil(request.timeout_ms)));
  const client = new Client(`http://${request.address}:${request.port}`, {
    pipelining: 0,
    connect: { timeout: 0 },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const seen = { connected: false };
  client.on("connect", () => (seen.connected = true));
  const ended = (): number => performance.now() - began_ms;
  try {
    const answer = await exchange(client, request, AbortSignal.any([request.signal, limit]));
    return { ...answer, error: "", duration_ms: ended(), outcome: "answered", gave_up: "" };
  } catch (error) {
    request.signal.throwIfAborted();
    const gaveUp = limit.aborted;
    return {
      status: 0,
      body: "",
      data: "",
      ok: false,
      error: gaveUp ? timeoutText(seen.connected, request.timeout_ms) : errorText(error, seen.connected),
      duration_ms: ended(),
      headers: {},
      outcome: seen.connected ? "unknown" : "refused",
      gave_up: gaveUp ? "probe" : "",
    };
  } finally {
    await client.destroy();
  }
}

type Answer = Pick<Response, "status" | "body" | "data" | "ok" | "headers">;

async function exchange(client: HttpClient, request: HttpRequest, signal: AbortSignal): Promise<Answer> {
  const {
    statusCode: status,
    headers: raw,
    body: stream,
  } = await client.request({
    method: request.method,
    path: request.path,
    headers: { ...request.headers },
    body: request.body ?? null,
    signal,
  });
  const headers = plain(raw);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > BODY_MAX) break;
  }
  const kept = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, BODY_MAX));
  const body = length > BODY_MAX ? `${kept}\n… cut here: the probe keeps 1 MiB of a body` : kept;
  return {
    status,
    body,
    data: length > BODY_MAX ? body : dataOf(body, headers["content-type"] ?? ""),
    ok: status >= 200 && status < 300,
    headers,
  };
}

/** Names in lower case; several headers of one name as one, separated by commas. */
function plain(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) all[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return all;
}

/** JSON where the service says so, and where it says nothing of the kind but sends an object or a list. */
function dataOf(body: string, contentType: string): Json {
  if (!/\bjson\b/i.test(contentType) && !/^\s*[[{]/.test(body)) return body;
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}

function timeoutText(connected: boolean, timeout_ms: number): string {
  const what = connected ? "no complete answer" : "no connection";
  return `ETIMEDOUT: ${what} within ${timeout_ms} ms, the probe gave up`;
}

/** "ECONNREFUSED: connection refused"; a connection closed without an answer has no errno, so it says so in words. */
function errorText(error: unknown, connected: boolean): string {
  const inner = error instanceof AggregateError && error.errors.length > 0 ? (error.errors[0] as unknown) : error;
  const code = inner instanceof Error && "code" in inner && typeof inner.code === "string" ? inner.code : "";
  if (isErrnoName(code)) return `${code}: ${errnoText(code)}`;
  const message = inner instanceof Error ? inner.message : String(inner);
  if (code === "UND_ERR_SOCKET" || /other side closed/.test(message))
    return "EOF: the connection was closed before the answer was complete";
  if (code === "" || code.startsWith("HPE_")) return `${connected ? "EPROTO" : "ECONNECT"}: ${message}`;
  return `${code}: ${message}`;
}

const PATH: Parameter = { name: "path", required: true, help: 'Path and query, such as "/orders?limit=1".' };
const BODY: Parameter = { name: "body", required: false, help: "A text, sent as it is, or a dict or list, sent as JSON." };
const HEADERS: Parameter = { name: "headers", required: false, help: "A dict of texts." };
const TIMEOUT: Parameter = {
  name: "timeout",
  required: false,
  help: 'How long to wait for the whole answer, such as "500ms"; 30s unless given.',
};

const WITH_BODY = [PATH, BODY, HEADERS, TIMEOUT];

export const httpProbe: Probe = {
  protocol: "http",
  methods: [
    { name: "get", parameters: [PATH, HEADERS, TIMEOUT], help: "GET" },
    { name: "post", parameters: WITH_BODY, help: "POST" },
    { name: "put", parameters: WITH_BODY, help: "PUT" },
    { name: "delete", parameters: WITH_BODY, help: "DELETE" },
    { name: "patch", parameters: WITH_BODY, help: "PATCH" },
  ],
  summary(method, args) {
    const { path } = requestOf(checked(httpProbe, method, args), args);
    return `${method.toUpperCase()} ${path}`;
  },
  async call(method, args, at, signal) {
    return probeHttp({ ...requestOf(checked(httpProbe, method, args), args), ...place(at), signal });
  },
};

function place(at: Place): Place {
  return { address: at.address, port: at.port };
}

function requestOf(method: Method, args: Arguments): Omit<HttpRequest, keyof Place | "signal"> {
  const { path, body, headers, timeout } = args;
  if (typeof path !== "string" || !/^\/[\x21-\x7e]*$/.test(path)) {
    throw argumentProblem(method, `needs a path that begins with "/" and has no blanks, not ${JSON.stringify(path)}`);
  }
  const sent = bodyOf(body);
  const given = headersOf(method, headers);
  const typed = sent === undefined || typeof body === "string" || Object.hasOwn(given, "content-type");
  return {
    method: method.name.toUpperCase(),
    path,
    headers: typed ? given : { ...given, "content-type": "application/json" },
    timeout_ms: timeoutOf(method, timeout),
    ...(sent === undefined ? {} : { body: sent }),
  };
}

function bodyOf(body: Json | undefined): string | undefined {
  if (body === undefined || body === null) return undefined;
  return typeof body === "string" ? body : JSON.stringify(body);
}

function headersOf(method: Method, headers: Json | undefined): Readonly<Record<string, string>> {
  if (headers === undefined || headers === null) return {};
  if (typeof headers !== "object" || Array.isArray(headers)) throw argumentProblem(method, "takes headers as a dict of texts");
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string" || /[\r\n\0]/.test(value) || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
      throw argumentProblem(method, `can't send the header ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
    }
    all[name.toLowerCase()] = value;
  }
  return all;
}

function timeoutOf(method: Method, timeout: Json | undefined): number {
  if (timeout === undefined || timeout === null) return TIMEOUT_MS;
  // A number is a count of seconds, as everywhere where a duration has no unit.
  const ms = typeof timeout === "number" ? timeout * 1000 : typeof timeout === "string" ? parseDuration(timeout) : undefined;
  if (ms === undefined || !(ms > 0)) throw argumentProblem(method, `takes a timeout such as "500ms", not ${JSON.stringify(timeout)}`);
  return ms;
}
