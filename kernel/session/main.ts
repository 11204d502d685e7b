/**
 * The session process: takes requests from the pipe, one cell at a time, and reports on it. Ends when told to or when the
 * pipe closes; either way every fault is lifted and everything of ours removed first.
 */
import { completeness } from "../language/index.ts";
import type { Report, Request } from "../messages.ts";
import { completions } from "./completion.ts";
import { Session } from "./session.ts";

const session = new Session();
let running: AbortController | undefined;
let queue: Promise<void> = Promise.resolve();
let ending = false;

function report(message: Report): void {
  // A pipe that breaks is told by "disconnect".
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function execute(request: Extract<Request, { type: "execute" }>): Promise<void> {
  const controller = new AbortController();
  running = controller;
  try {
    const { id, code, cell } = request;
    const done = await session.execute(id, code, cell, (output) => report({ type: "output", id, output }), controller.signal);
    report(done);
  } finally {
    running = undefined;
  }
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  running?.abort();
  try {
    await queue;
    await session.world.close();
  } finally {
    process.exit(0);
  }
}

function take(request: Request): void {
  switch (request.type) {
    case "execute":
      queue = queue.then(() => (ending ? undefined : execute(request)));
      return;
    case "complete":
      report({ type: "complete", id: request.id, ...completions(request.code, request.cursor, session.names()) });
      return;
    case "inspect":
      report({ type: "inspect", id: request.id, found: false, data: {} });
      return;
    case "is_complete":
      report({ type: "is_complete", id: request.id, ...completeness(request.code) });
      return;
    case "interrupt":
      running?.abort();
      return;
    case "shutdown":
      void end();
      return;
  }
}

// Both lead to the protocol process; when it is dead there is still a session to end properly.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
process.on("message", take);
process.on("disconnect", () => void end());
// The protocol process decides what an interrupt from a terminal means; a hang-up or a plea to end is a shutdown.
process.on("SIGINT", () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end());
report({ type: "ready" });
