/** One cell of each verdict, a baseline that failed with its row, a service that died, notes. */
import type { CellRecord, MatrixRecord } from "../../../model/verdict.ts";
import { History } from "./history.ts";
import { cell, eventsBy, hit } from "./shop.ts";
import type { Example } from "./shop.ts";

const RESET = "deny(connection reset by peer)";
const WHERE = ["connect to cache 172.18.0.3:6379 by node (pid 812)"];

export function verdicts(): Example {
  const faults = ["cache_down", "cache_slow", "disk_full", "queue_down"];
  const cells: CellRecord[] = [
    cell("browse", undefined, "passed", 12),
    cell("pay", undefined, "passed", 140, { answer: "201" }),
    cell("refund", undefined, "failed", 31, { answer: "404", reason: "expected 200, got 404 without any fault" }),
    cell("browse", "cache_down", "passed", 13, {
      tolerated: true,
      hits: [hit("cache_down", "web", "connect", "deny(connection refused)", { fired: 2, where: WHERE })],
    }),
    cell("browse", "cache_slow", "failed", 5004, {
      answer: "no answer within 5 s",
      reason: "the probe gave up after 5 s; expected an answer",
      hits: [hit("cache_slow", "web", "connect", "delay(10 s)", { fired: 1, where: WHERE })],
      notes: ["held the thread that serves 14 connections"],
      recovery: { outcome: "not recovered", ms: 30000, detail: "not recovered within 30 s: still no answer" },
    }),
    cell("browse", "disk_full", "bypassed", 12, {
      reason: "no write to a file on its path",
      hits: [hit("disk_full", "db", "write", "deny(no space left on device)")],
    }),
    cell("browse", "queue_down", "stale", 12, { reason: "scenario browse was redefined after this ran" }),
    cell("pay", "cache_down", "expectation violated", 151, {
      answer: "201",
      reason: "monitor charged_once: order 7 was charged twice",
      hits: [hit("cache_down", "web", "send", RESET, { fired: 3, reset: 2, where: WHERE })],
      recovery: { outcome: "recovered", ms: 340, detail: "recovered in 340 ms" },
    }),
    cell("pay", "cache_slow", "errored", 2, { answer: "", reason: "TypeError: got NoneType, want string (Cell In[4], line 9)" }),
    cell("pay", "disk_full", "inconclusive", 160, {
      answer: "201",
      reason: "stdout of db lagged behind by 2 s, so assert_never can't tell",
      hits: [
        hit("disk_full", "db", "write", "deny(no space left on device)", {
          fired: 1,
          where: ["pwrite64 on base/16384/2619 by postgres (pid 91)"],
        }),
      ],
    }),
    ...faults.map((fault) => cell("refund", fault, "not run", 0, { answer: "", reason: "fails without the fault too" })),
  ];
  const record: MatrixRecord = {
    name: "every verdict",
    scenarios: ["browse", "pay", "refund"],
    faults,
    excluded: [["pay", "queue_down"]],
    cells,
    services: ["db", "cache", "web"],
    state: "complete",
  };
  const events = eventsBy({
    "browse baseline": new History(1000).probe(0, 12, "GET /", "200"),
    "browse cache_slow": new History(1000)
      .armed(0, 5004, "web", "cache_slow", "connect", "delay(10 s)")
      .probe(2, 5003, "GET /", "0", { outcome: "unknown", error: "no answer within 5 s" })
      .delayed(5, "web", "cache_slow", "connect", "delay(10 s)", { target: "cache", held: "14 connections" }),
    "pay cache_down": new History(1000)
      .armed(0, 151, "web", "cache_down", "send", RESET)
      .reset(0.5, "web", "cache", "cache_down", 2)
      .probe(1, 70, "POST /pay", "201")
      .probe(72, 150, "POST /pay", "201")
      .denied(20, "web", "cache_down", "sendto", "ECONNRESET", { target: "cache" })
      .denied(21, "web", "cache_down", "sendto", "ECONNRESET", { target: "cache" })
      .denied(90, "web", "cache_down", "sendto", "ECONNRESET", { target: "cache" })
      .line(60, "web", '{"charged":7}')
      .line(120, "web", '{"charged":7}')
      .violation(121, "web", "charged_once", "order 7 was charged twice"),
    "pay disk_full": new History(1000)
      .armed(0, 160, "db", "disk_full", "write", "deny(no space left on device)")
      .probe(1, 159, "POST /pay", "201"),
  });
  return { record, events };
}
