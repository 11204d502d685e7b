/** A small shop under three faults: a history as a real run leaves it, with passes, a failure and bypassed cells. */
import type { Event } from "../../../model/event.ts";
import type { CellRecord, MatrixRecord, Recovery, RuleHits, Verdict } from "../../../model/verdict.ts";
import { History } from "./history.ts";

export interface Example {
  readonly record: MatrixRecord;
  readonly events: (cell: CellRecord) => readonly Event[];
}

export function hit(fault: string, service: string, keyword: string, action: string, more: Partial<RuleHits> = {}): RuleHits {
  const base = { rule: `${fault}/${service}/${keyword}`, fault, service, keyword, action, mechanism: "notify" };
  return { ...base, fired: 0, elsewhere: [], reset: 0, passed: {}, where: [], ...more };
}

export function cell(
  scenario: string,
  fault: string | undefined,
  verdict: Verdict,
  duration_ms: number,
  more: Partial<CellRecord> = {},
): CellRecord {
  const window = { from_seq: 0, to_seq: 0, since_ms: 1000, began_ms: 1000, ended_ms: 1000 + duration_ms };
  return {
    scenario,
    ...(fault === undefined ? {} : { fault }),
    verdict,
    reason: "",
    tolerated: false,
    duration_ms,
    answer: "200",
    hits: [],
    notes: [],
    window,
    ...more,
  };
}

export function eventsBy(histories: Readonly<Record<string, History>>): Example["events"] {
  return (one) => histories[`${one.scenario} ${one.fault ?? "baseline"}`]?.events ?? [];
}

const REFUSED = "deny(connection refused)";
const recovered = (ms: number): Recovery => ({ outcome: "recovered", ms, detail: `recovered in ${ms} ms` });

export function shop(): Example {
  const cells: CellRecord[] = [
    cell("create_order", undefined, "passed", 34.2),
    cell("health_check", undefined, "passed", 4.1),
    cell("create_order", "db_down", "passed", 41.3, {
      answer: "503 database: connect ECONNREFUSED",
      hits: [
        hit("db_down", "api", "connect", REFUSED, { fired: 3, reset: 5, where: ["connect to db 172.18.0.2:5432 by node (pid 4711)"] }),
      ],
      recovery: recovered(38),
    }),
    cell("health_check", "db_down", "passed", 6.2, {
      tolerated: true,
      hits: [
        hit("db_down", "api", "connect", REFUSED, { fired: 1, reset: 1, where: ["connect to db 172.18.0.2:5432 by node (pid 4711)"] }),
      ],
      recovery: recovered(4),
    }),
    cell("create_order", "db_slow", "failed", 3052, {
      answer: "504",
      reason: "expected an answer within 1 s, got 504 after 3.05 s (line 12 of the cell: assert_true(r.duration_ms < 1000))",
      hits: [
        hit("db_slow", "api", "connect", "delay(3 s)", {
          mechanism: "packets",
          fired: 1,
          reset: 5,
          where: ["connect to db 172.18.0.2:5432 by node (pid 4711)"],
        }),
      ],
      recovery: recovered(35),
    }),
    cell("health_check", "db_slow", "bypassed", 4.4, {
      reason: "no connect: 14 sends on pooled connections to db",
      hits: [hit("db_slow", "api", "connect", "delay(3 s)", { mechanism: "packets" })],
      recovery: recovered(4),
    }),
    cell("create_order", "disk_full", "passed", 58.7, {
      answer: "500 could not extend file: No space left on device",
      hits: [
        hit("disk_full", "db", "write", "deny(no space left on device)", {
          fired: 1,
          where: ["pwrite64 on pg_wal/000000010000000000000001 by postgres (pid 88)"],
        }),
      ],
      recovery: { outcome: "needs a restart", ms: 1240, detail: "db had exited with 1; restarted, then well" },
      notes: ["db had died before the answer"],
    }),
    cell("health_check", "disk_full", "bypassed", 4.3, {
      reason: "3 hits, all in checkpointer (pid 41)",
      hits: [hit("disk_full", "db", "write", "deny(no space left on device)", { elsewhere: ["3 in checkpointer (pid 41)"] })],
      recovery: recovered(4),
    }),
  ];
  const histories: Record<string, History> = {
    "create_order baseline": new History(1000)
      .probe(0, 33.9, "POST /orders", "200")
      .line(12, "api", '{"order":1}')
      .line(20, "inventory", '{"item":"pen","stock":4}'),
    "health_check baseline": new History(1000).probe(0.2, 4, "GET /health", "200"),
    "create_order db_down": new History(1000)
      .armed(0, 41.3, "api", "db_down", "connect", REFUSED)
      .reset(0.4, "api", "db", "db_down", 5)
      .probe(0.8, 41, "POST /orders", "503")
      .denied(6, "api", "db_down", "connect", "ECONNREFUSED", { target: "db" })
      .denied(17, "api", "db_down", "connect", "ECONNREFUSED", { target: "db" })
      .denied(31, "api", "db_down", "connect", "ECONNREFUSED", { target: "db" })
      .line(7, "api", '{"level":"warn","msg":"db: connect ECONNREFUSED, retry 1"}')
      .line(18, "api", '{"level":"warn","msg":"db: connect ECONNREFUSED, retry 2"}')
      .line(3, "inventory", '{"item":"pen","stock":4}'),
    "health_check db_down": new History(1000)
      .armed(0, 6.2, "api", "db_down", "connect", REFUSED)
      .reset(0.2, "api", "db", "db_down", 1)
      .probe(0.4, 6.1, "GET /health", "200")
      .denied(2.2, "api", "db_down", "connect", "ECONNREFUSED", { target: "db" }),
    "create_order db_slow": new History(1000)
      .armed(0, 3052, "api", "db_slow", "connect", "delay(3 s)")
      .reset(0.5, "api", "db", "db_slow", 5)
      .probe(1, 3051, "POST /orders", "504")
      .delayed(9, "api", "db_slow", "connect", "delay(3 s)", { target: "db" })
      .line(3046, "api", '{"level":"error","msg":"order failed: timeout"}')
      .line(12, "inventory", '{"item":"pen","stock":4}'),
    "health_check db_slow": new History(1000)
      .armed(0, 4.4, "api", "db_slow", "connect", "delay(3 s)")
      .probe(0.3, 4.2, "GET /health", "200")
      .call(1.5, "api", "sendto", "db")
      .call(2.6, "api", "recvfrom", "db"),
    "create_order disk_full": new History(1000)
      .armed(0, 58.7, "db", "disk_full", "write", "deny(no space left on device)")
      .probe(0.6, 58, "POST /orders", "500")
      .denied(22, "db", "disk_full", "pwrite64", "ENOSPC", { path: "/var/lib/postgresql/data/pg_wal/000000010000000000000001" })
      .line(23, "db", "PANIC:  could not write to file: No space left on device")
      .died(31, "db", "exited with 1")
      .up(52, "db", "restarted", "by its supervisor")
      .violation(57, "api", "orders_are_durable", "order 1 was acknowledged and is gone"),
    "health_check disk_full": new History(1000)
      .armed(0, 4.3, "db", "disk_full", "write", "deny(no space left on device)")
      .probe(0.2, 4.2, "GET /health", "200")
      .denied(2.1, "db", "disk_full", "pwrite64", "ENOSPC", {
        path: "/var/lib/postgresql/data/base/1",
        scenario_path: "checkpointer",
        process: "checkpointer",
        pid: "41",
      }),
  };
  const record: MatrixRecord = {
    name: "shop_matrix",
    scenarios: ["create_order", "health_check"],
    faults: ["db_down", "db_slow", "disk_full"],
    excluded: [],
    cells,
    services: ["db", "inventory", "api"],
    state: "complete",
  };
  return { record, events: eventsBy(histories) };
}
