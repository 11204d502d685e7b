/**
 * What goes over the one ordered pipe between the protocol process (`jupyter/`, five sockets, knows no spec) and the session
 * process (`session/`, runs cells, knows no sockets). `run` speaks the session's side of it without any socket.
 *
 * The order on the pipe is the order of the cell: everything a cell puts out lies before its `done`, so nothing can reach a
 * client after `idle`. The pipe is Node's IPC channel of child_process.fork with JSON.
 */
import type { Json } from "../model/json.ts";

/** A MIME bundle: type to content. Binary content (image/png) is base64. */
export type MimeBundle = Readonly<Record<string, Json>>;

/** The cell as its author counts it: errors point at `Cell In[3], line 4`. */
export interface CellPlace {
  /** The number in brackets; 0 for silent execution. */
  readonly count: number;
  /** The notebook's stable id of the cell, where the client sends one (metadata.cellId). */
  readonly id?: string;
}

export type Request =
  | { readonly type: "execute"; readonly id: number; readonly code: string; readonly cell: CellPlace; readonly silent: boolean }
  /** Cursor in Unicode code points. */
  | { readonly type: "complete"; readonly id: number; readonly code: string; readonly cursor: number }
  | { readonly type: "inspect"; readonly id: number; readonly code: string; readonly cursor: number; readonly detail: 0 | 1 }
  | { readonly type: "is_complete"; readonly id: number; readonly code: string }
  /** Ends the running execute as soon as it can; what was queued is the sender's business. */
  | { readonly type: "interrupt" }
  /** Lift every fault, remove what is ours, exit 0. Closing the pipe means the same. */
  | { readonly type: "shutdown" };

export type Output =
  | { readonly kind: "stream"; readonly name: "stdout" | "stderr"; readonly text: string }
  | { readonly kind: "result"; readonly data: MimeBundle; readonly metadata: MimeBundle }
  /** With `display` an id that later updates name; `update` replaces what was shown under it. */
  | {
      readonly kind: "display";
      readonly data: MimeBundle;
      readonly metadata: MimeBundle;
      readonly display?: string;
      readonly update?: boolean;
    }
  | { readonly kind: "error"; readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] }
  | { readonly kind: "clear"; readonly wait: boolean };

/** How an execute ended. `verdicts` are those of everything the cell ran; they decide the exit status of `run`. */
export interface Done {
  readonly type: "done";
  readonly id: number;
  readonly status: "ok" | "error";
  readonly error?: { readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] };
  readonly metadata: MimeBundle;
}

export type Answer =
  | { readonly type: "complete"; readonly id: number; readonly matches: readonly string[]; readonly start: number; readonly end: number }
  | { readonly type: "inspect"; readonly id: number; readonly found: boolean; readonly data: MimeBundle }
  | { readonly type: "is_complete"; readonly id: number; readonly status: "complete" | "incomplete" | "invalid"; readonly indent: string };

export type Report =
  /** Once, when the session can take requests. */
  | { readonly type: "ready" }
  /** `id` is the execute it belongs to, also when it comes from a timer later. */
  | { readonly type: "output"; readonly id: number; readonly output: Output }
  | Done
  | Answer;
