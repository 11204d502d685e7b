/** Puts the parts of the protocol process together, from bound sockets to exit. */
import { Control } from "./control.ts";
import type { Connection } from "./connection.ts";
import { watchParent } from "./lifeline.ts";
import { Outputs } from "./outputs.ts";
import { Publisher } from "./publisher.ts";
import { Requests } from "./requests.ts";
import { Session } from "./session.ts";
import { Shell } from "./shell.ts";
import { bindSockets, closeSockets, each, post } from "./sockets.ts";
import { NOBODY, Wire, type Origin } from "./wire.ts";

export interface Kernel {
  interrupt(): void;
  /** Leaves the session to its own clean-up and ends this process. */
  end(): void;
}

/** @param program path of the session program */
export function startKernel(connection: Connection, program: string): Kernel {
  // Bound first: a client that finds a port closed waits a tenth of a second before it tries again.
  const sockets = bindSockets(connection);
  const wire = new Wire(connection.key, connection.digest);
  const publisher = new Publisher(sockets.iopub, wire);
  publisher.status("starting", NOBODY);
  const session = new Session(program);

  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    session.shutdown();
    // Once the replies of this turn have been handed over. What has been sent outlives the sockets, not this process: exit waits for it.
    setImmediate(() => {
      closeSockets(sockets);
      process.exit(0);
    });
  };
  const shutdown = (restart: boolean, origin: Origin): void => {
    publisher.publish("shutdown_reply", { status: "ok", restart }, origin);
    end();
  };

  const requests = new Requests(session, publisher, new Outputs(publisher), shutdown);
  const shell = new Shell(sockets.shell, wire, publisher, requests);
  const control = new Control(sockets.control, wire, publisher, { session, shell, shutdown });
  const served = Promise.all([
    publisher.welcome(),
    shell.serve(),
    control.serve(),
    each(sockets.hb, (frames) => post(sockets.hb, frames)),
    // Nothing is ever asked on stdin; what comes nevertheless is read, so that it doesn't pile up.
    each(sockets.stdin, () => undefined),
  ]);
  served.catch((error: unknown) => {
    console.error(error);
    end();
  });
  watchParent(end);
  return { interrupt: () => session.interrupt(), end };
}
