/** Names in several scripts, with wide characters, combining marks and emoji; texts with quotes, markup and line breaks. */
import type { MatrixRecord } from "../../../model/verdict.ts";
import { History } from "./history.ts";
import { cell, eventsBy, hit } from "./shop.ts";
import type { Example } from "./shop.ts";

export function unicode(): Example {
  const faults = ["ausfall_größe", "база_недоступна", "数据库故障", "e\u0301te\u0301 <b>&\"'"];
  const record: MatrixRecord = {
    name: 'Prüfung 🧪 <matrix> & "more"',
    scenarios: ["bestellung_aufgeben", "注文する", "δοκιμή"],
    faults,
    excluded: [["注文する", "数据库故障"]],
    cells: [
      cell("bestellung_aufgeben", undefined, "passed", 34),
      cell("注文する", undefined, "passed", 8),
      cell("δοκιμή", undefined, "passed", 9),
      cell("bestellung_aufgeben", "数据库故障", "failed", 41, {
        reason: 'erwartet 200, erhalten 503: "数据库" antwortet nicht\nzweite Zeile',
        hits: [
          hit("数据库故障", "dienst-ü", "connect", "deny(connection refused)", {
            fired: 2,
            where: ["connect to 数据库 172.18.0.2:5432 by node (pid 1)"],
          }),
        ],
      }),
    ],
    services: ["数据库", "dienst-ü"],
    state: "interrupted",
  };
  const events = eventsBy({
    "bestellung_aufgeben 数据库故障": new History(1000)
      .armed(0, 41, "dienst-ü", "数据库故障", "connect", "deny(connection refused)")
      .probe(1, 40, "POST /bestellungen?größe=日本", "503")
      .denied(9, "dienst-ü", "数据库故障", "connect", "ECONNREFUSED", { target: "数据库" })
      .line(11, "dienst-ü", 'Fehler: <Verbindung> abgelehnt 🚫 & "weg"\n'),
  });
  return { record, events };
}
