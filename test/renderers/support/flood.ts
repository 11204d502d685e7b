/** 100,000 events in one cell: calls, lines, denials, probes and delays all over its 30 seconds. */
import type { Event } from "../../../model/event.ts";
import type { MatrixRecord } from "../../../model/verdict.ts";
import { History } from "./history.ts";
import { cell, hit } from "./shop.ts";
import type { Example } from "./shop.ts";

export const FLOOD_EVENTS = 100_000;

export function flood(): Example {
  const long_ms = 30_000;
  const history = new History(1000).armed(0, long_ms, "api", "db_flaky", "connect", "deny(connection refused)");
  // A fixed walk instead of chance, so that every run is the same.
  for (let n = 0; n < FLOOD_EVENTS - 2 - 400; n++) {
    const at_ms = (n * 7919 * 0.37) % long_ms;
    if (n % 50 === 0) history.denied(at_ms, "api", "db_flaky", "connect", "ECONNREFUSED", { target: "db" });
    else if (n % 211 === 0) history.delayed(at_ms, "api", "db_flaky", "connect", "delay(40 ms)", { target: "db" });
    else if (n % 3 === 0) history.line(at_ms, "api", `{"request":${n}}`);
    else history.call(at_ms, n % 2 === 0 ? "db" : "api", "sendto", "db");
  }
  for (let n = 0; n < 200; n++) history.probe(n * 150, n * 150 + 120, "GET /orders", n % 9 === 0 ? "503" : "200");
  const events: readonly Event[] = history.events;
  const record: MatrixRecord = {
    name: "a long run",
    scenarios: ["soak"],
    faults: ["db_flaky"],
    excluded: [],
    cells: [
      cell("soak", undefined, "passed", 29_800),
      cell("soak", "db_flaky", "passed", long_ms, {
        hits: [
          hit("db_flaky", "api", "connect", "deny(connection refused)", {
            fired: 1992,
            reset: 10,
            where: ["connect to db 172.18.0.2:5432 by node (pid 4711)"],
          }),
        ],
      }),
    ],
    services: ["db", "api"],
    state: "complete",
  };
  return { record, events: ({ fault }) => (fault === undefined ? [] : events) };
}
