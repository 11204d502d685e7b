/**
 * What a cell can ask of a service: one probe a protocol, each a file beside this one and a line in the registry. A probe says
 * which methods it lends to a service and with which arguments, makes one request, and reports what came of it; it never
 * throws for what the system did.
 */
import type { Response } from "../../model/declaration.ts";
import type { Json } from "../../model/json.ts";
import { httpProbe } from "./http.ts";

export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  /** One line for help and completion. */
  readonly help: string;
}

export interface Method {
  readonly name: string;
  /** In the order in which they may be given without a name. */
  readonly parameters: readonly Parameter[];
  readonly help: string;
}

/** Where the service's interface listens. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

export type Arguments = Readonly<Record<string, Json>>;

export interface Probe {
  readonly protocol: string;
  readonly methods: readonly Method[];
  /** The request in a few words, for the record: "POST /orders". Problems as `call`. */
  summary(method: string, args: Arguments): string;
  /**
   * One request on a connection of its own. Problems for the author: PROBE_METHOD, PROBE_ARGUMENT. Throws the signal's reason
   * when it is aborted.
   */
  call(method: string, args: Arguments, at: Place, signal: AbortSignal): Promise<Response>;
}

export const probes: ReadonlyMap<string, Probe> = new Map([httpProbe].map((probe) => [probe.protocol, probe]));
