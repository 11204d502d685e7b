/** Where facts come from that nobody asked for: a service's output now, topics and write-ahead logs later. */
export interface Source {
  /** Resolves when every fact that existed at the time of the call has been handed on. */
  caughtUp(signal: AbortSignal): Promise<void>;
  close(): void;
}
