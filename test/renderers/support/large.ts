/** 20 scenarios × 12 faults with long names and 13 services: the largest matrix that the grid shows whole. */
import type { CellRecord, MatrixRecord, Verdict } from "../../../model/verdict.ts";
import { History } from "./history.ts";
import { cell, hit } from "./shop.ts";
import type { Example } from "./shop.ts";

const VERDICTS: readonly Verdict[] = [
  "passed",
  "passed",
  "bypassed",
  "passed",
  "failed",
  "passed",
  "passed",
  "expectation violated",
  "passed",
  "bypassed",
  "passed",
];

export function large(): Example {
  const scenarios = Array.from({ length: 20 }, (_, index) => `customer_journey_number_${index + 1}_with_several_long_steps`);
  const faults = Array.from({ length: 12 }, (_, index) => `payment_provider_${"abcdefghijkl"[index] ?? ""}_unreachable_from_checkout`);
  const services = Array.from({ length: 13 }, (_, index) => `backend-service-${index + 1}`);
  const cells: CellRecord[] = [undefined, ...faults].flatMap((fault, column) =>
    scenarios.map((scenario, row) => {
      if (fault === undefined) return cell(scenario, fault, "passed", 20 + row);
      const verdict = VERDICTS[(row * 7 + column * 3) % VERDICTS.length] ?? "passed";
      const fired = verdict === "bypassed" ? 0 : 1 + ((row + column) % 4);
      const where = ["connect to backend-service-1 172.18.0.2:5432 by java (pid 7)"];
      const reason =
        verdict === "passed" ? "" : `a reason of some length for row ${row + 1} and column ${column}, such as a message of an assertion`;
      return cell(scenario, fault, verdict, verdict === "failed" ? 3050 : 30 + row, {
        reason,
        hits: [hit(fault, "backend-service-2", "connect", "deny(connection refused)", { fired, where })],
      });
    }),
  );
  const record: MatrixRecord = {
    name: "everything against everything",
    scenarios,
    faults,
    excluded: [],
    cells,
    services,
    state: "complete",
  };
  const events: Example["events"] = ({ fault, duration_ms, hits }) => {
    const history = new History(1000).probe(0.5, duration_ms * 0.98, "POST /checkout", "200");
    if (fault === undefined) return history.events;
    history.armed(0, duration_ms, "backend-service-2", fault, "connect", "deny(connection refused)");
    for (let n = 0; n < (hits[0]?.fired ?? 0); n++) {
      history.denied(duration_ms * (0.2 + n * 0.17), "backend-service-2", fault, "connect", "ECONNREFUSED", {
        target: "backend-service-1",
      });
    }
    for (let n = 0; n < 30; n++) history.line(duration_ms * (n / 31), services[n % services.length] ?? "", `{"level":"info","n":${n}}`);
    return history.events;
  };
  return { record, events };
}
