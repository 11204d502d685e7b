/** What a spec declares, as plain data: services and their interfaces. What they do (functions) stays in the language. */
import type { Json } from "./json.ts";

export interface Interface {
  readonly name: string;
  /** "http", "postgres", "tcp": which probe speaks it. */
  readonly protocol: string;
  readonly port: number;
}

/** How a service says that it is ready. `ready` asks by the protocol of its first interface. */
export type Healthcheck =
  | { readonly kind: "http"; readonly path: string; readonly port?: number; readonly timeout_ms: number }
  | { readonly kind: "tcp"; readonly port?: number; readonly timeout_ms: number }
  | { readonly kind: "ready"; readonly timeout_ms: number };

/** How a line of output becomes the fields of an event; a line that doesn't decode keeps its text alone. */
export type Decoder = { readonly kind: "json" } | { readonly kind: "logfmt" } | { readonly kind: "regex"; readonly pattern: string };

export interface Observation {
  readonly stream: "stdout" | "stderr";
  readonly decoder?: Decoder;
}

export interface Service {
  readonly name: string;
  readonly interfaces: readonly Interface[];
  /** Exactly one of the two: a directory with a Dockerfile (absolute), or the name of an image. */
  readonly source: { readonly kind: "build"; readonly directory: string } | { readonly kind: "image"; readonly image: string };
  /** Names of services that this one calls, started before it. */
  readonly dependsOn: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly healthcheck?: Healthcheck;
  readonly observe: readonly Observation[];
}

/** What a probe answered. `status` is 0 and `outcome` "unknown" when nobody can tell whether the request was carried out. */
export interface Response {
  readonly status: number;
  readonly body: string;
  /** The body as JSON where it is JSON, else the body. */
  readonly data: Json;
  /** True for a status of 200 to 299 only. */
  readonly ok: boolean;
  /** What went wrong below the protocol, such as "ECONNREFUSED: connection refused"; "" when an answer came. */
  readonly error: string;
  readonly duration_ms: number;
  readonly headers: Readonly<Record<string, string>>;
  /** "answered"; "refused" when the request surely was not carried out; "unknown" after a time-out or a reset. */
  readonly outcome: "answered" | "refused" | "unknown";
  /** Who ended the wait when it timed out: only ever ourselves; "" otherwise. */
  readonly gave_up: "" | "probe";
}
