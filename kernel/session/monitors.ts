/** Looks at the events of a run with the monitors that watch it: in order, each seeing the record up to the event it looks at. */
import { globMatches } from "../../model/glob.ts";
import type { Event } from "../../model/event.ts";
import { Cancelled, StarlarkError } from "../language/index.ts";
import type { Thread } from "../language/index.ts";
import type { Monitor } from "../spec/declarations.ts";
import { EventValue } from "../spec/event.ts";
import type { FieldKnown } from "../spec/event.ts";
import { drive } from "./driver.ts";
import type { Perform } from "./driver.ts";
import type { RunScope } from "./perform.ts";
import { explainWithPlace } from "./errors.ts";
import type { World } from "./world.ts";

export interface Watched {
  readonly violations: readonly string[];
  /** A monitor that raised something other than fail(): it judged nothing. */
  readonly broken: readonly string[];
  /** Monitors that had nothing to look at. */
  readonly idle: readonly Monitor[];
}

/** Each monitor stops at its first violation: the rest of a broken run says nothing new about the invariant. */
export async function watch(
  world: World,
  monitors: readonly Monitor[],
  events: readonly Event[],
  thread: Thread,
  scope: RunScope,
  perform: Perform,
  known: FieldKnown,
): Promise<Watched> {
  const violations: string[] = [];
  const broken: string[] = [];
  const idle: Monitor[] = [];
  for (const monitor of monitors) {
    let seen = 0;
    for (const event of events) {
      if (monitor.service !== undefined && !globMatches(monitor.service, event.service)) continue;
      seen++;
      if (scope.signal.aborted) throw new Cancelled();
      try {
        scope.upTo_seq = event.seq;
        await drive(thread.call(monitor.check, [new EventValue(event, known)]), perform, scope.signal);
      } catch (error) {
        if (!(error instanceof StarlarkError)) throw error;
        if (error.failed === undefined) {
          broken.push(`monitor ${monitor.name} raised: ${explainWithPlace(error)}`);
        } else {
          violations.push(`monitor ${monitor.name}: ${error.failed} (event ${event.seq}, ${event.type} of ${event.service})`);
          world.record({
            time_ms: event.time_ms,
            service: event.service,
            type: "violation",
            fields: { monitor: monitor.name, message: error.failed, event: String(event.seq) },
          });
        }
        break;
      } finally {
        delete scope.upTo_seq;
      }
    }
    if (seen === 0) idle.push(monitor);
  }
  return { violations, broken, idle };
}
