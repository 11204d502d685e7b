/** What a run came to, and the record of a matrix: what analysis decides, what the views draw, what `run` exits with. */

export const VERDICTS = [
  "passed",
  "failed",
  "expectation violated",
  "bypassed",
  "errored",
  "inconclusive",
  "excluded",
  "not run",
  "stale",
] as const;

export type Verdict = (typeof VERDICTS)[number];

/** What one rule did while it was armed. */
export interface RuleHits {
  readonly rule: string;
  readonly fault: string;
  readonly service: string;
  readonly keyword: string;
  /** `deny(connection refused)`. */
  readonly action: string;
  /** Which mechanism carried it: "notify", "packets". */
  readonly mechanism: string;
  /** Calls acted on that lay on the scenario's path: these make a cell count as hit. */
  readonly fired: number;
  /** Calls acted on off that path (a checkpointer, a pool's ping), with where: "3 in checkpointer (pid 41)". */
  readonly elsewhere: readonly string[];
  /** Standing connections that were reset when the rule was armed. */
  readonly reset: number;
  /** Matching calls let through, by reason: { "on a socket": 14 }. */
  readonly passed: Readonly<Record<string, number>>;
  /** Where it fired: "connect to db 172.18.0.2:5432 by node (pid 4711)". At most a few, the most frequent first. */
  readonly where: readonly string[];
}

export interface Recovery {
  /** "recovered", "needs a restart", "not recovered", "not tried". */
  readonly outcome: "recovered" | "needs a restart" | "not recovered" | "not tried";
  /** From the lifting of the fault to the first scenario that was well again, restarts included. */
  readonly ms: number;
  /** One sentence: "recovered in 340 ms"; "db had exited with 1; restarted, then well". */
  readonly detail: string;
}

/** A run's part of the record: positions, both ends included, without what happened before `since_ms` and came late. Epoch milliseconds. */
export interface RunWindow {
  readonly from_seq: number;
  readonly to_seq: number;
  /** When the run's first rule began to be armed. */
  readonly since_ms: number;
  /** The scenario's own time. */
  readonly began_ms: number;
  readonly ended_ms: number;
}

/** One run of one scenario, without a fault (the baseline) or with one. */
export interface CellRecord {
  readonly scenario: string;
  /** Absent for the baseline. */
  readonly fault?: string;
  readonly verdict: Verdict;
  /** One sentence that a person can check: why bypassed, which expectation, which monitor. "" for a plain pass. */
  readonly reason: string;
  /** A pass whose answer under the fault is the same as in the baseline. */
  readonly tolerated: boolean;
  /** The scenario's own time. */
  readonly duration_ms: number;
  /** The answer in a few words: "200", "503 database: connect ECONNREFUSED". */
  readonly answer: string;
  readonly hits: readonly RuleHits[];
  /** What else must be said: "held the thread that serves 14 connections"; "db had died before"; notices. */
  readonly notes: readonly string[];
  readonly recovery?: Recovery;
  readonly window: RunWindow;
}

export interface MatrixRecord {
  /** The name it is registered under. */
  readonly name: string;
  readonly scenarios: readonly string[];
  readonly faults: readonly string[];
  readonly excluded: readonly (readonly [scenario: string, fault: string])[];
  /** Baselines and cells that are done or decided, in the order they were run; the rest is still to come. */
  readonly cells: readonly CellRecord[];
  /** Services that appear, in order of declaration: the lanes of a timeline. */
  readonly services: readonly string[];
  readonly state: "running" | "complete" | "interrupted";
  /** What runs now, where it isn't simply the next: baselines first, then fault by fault in the order of `faults`. */
  readonly running?: { readonly scenario: string; readonly fault?: string };
}

/** Exit status of `run`: 0 passed, 2 failed, 3 when the run proves nothing. 1 is for usage, set-up and language errors. */
export function exitStatus(verdicts: Iterable<Verdict>): 0 | 2 | 3 {
  let status: 0 | 2 | 3 = 0;
  for (const verdict of verdicts) {
    switch (verdict) {
      case "failed":
      case "expectation violated":
      case "errored":
        return 2;
      case "bypassed":
      case "inconclusive":
      case "not run":
      case "stale":
        status = 3;
        break;
      case "passed":
      case "excluded":
        break;
    }
  }
  return status;
}
