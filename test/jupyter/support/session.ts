/**
 * A stand-in for the session process: it speaks kernel/messages.ts and understands a few commands, one a line, instead of
 * Starlark. What it does can be predicted to the byte, which is what tests of the protocol process need.
 *
 * `print TEXT`, `stderr TEXT`, `lines N`, `bulk CHARACTERS`, `result TEXT`, `display ID TEXT`, `update ID TEXT`, `chart`, `clear`, `fail NAME TEXT`
 * (an error output and done), `quietfail NAME TEXT` (only done), `sleep MS` (interruptible), `block MS` (stops the event loop),
 * `late MS TEXT` (printed after the cell's end), `die CODE`, `meta KEY VALUE`, `cell` (prints the place), `pid`.
 * Environment: STANDIN_LOG, a file that gets a line for `start PID`, `interrupt`, `shutdown` and `clean` (STANDIN_CLEAN_MS later);
 * STANDIN_READY=never, it ends at once with exit code 7.
 */
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Done, MimeBundle, Output, Report, Request } from "../../../kernel/messages.ts";

const send = (report: Report): void => void process.send?.(report);
const log = (line: string): void => {
  const file = process.env["STANDIN_LOG"];
  if (file !== undefined) appendFileSync(file, `${line}\n`);
};

if (process.env["STANDIN_READY"] === "never") {
  console.error("the stand-in was told not to start");
  process.exit(7);
}

let running: AbortController | undefined;
let ending = false;

const CHART = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  data: {
    values: [
      { service: "api", ms: 12 },
      { service: "db", ms: 31 },
    ],
  },
  mark: "bar",
  encoding: { x: { field: "service", type: "nominal" }, y: { field: "ms", type: "quantitative" } },
};

async function run(id: number, request: Request & { type: "execute" }): Promise<Done> {
  const output = (one: Output): void => send({ type: "output", id, output: one });
  const print = (text: string): void => output({ kind: "stream", name: "stdout", text });
  const plain = (text: string): MimeBundle => ({ "text/plain": text });
  const metadata: Record<string, string> = {};
  running = new AbortController();
  for (const line of request.code.split("\n")) {
    const [command = "", first = "", ...others] = line.trim().split(" ");
    const rest = others.join(" ");
    const all = [first, ...others].join(" ");
    switch (command) {
      case "":
        break;
      case "print":
        print(`${all}\n`);
        break;
      case "stderr":
        output({ kind: "stream", name: "stderr", text: `${all}\n` });
        break;
      case "lines":
        for (let n = 0; n < Number(first); n += 1) print(`line ${n}\n`);
        break;
      case "bulk":
        for (let left = Number(first); left > 0; left -= 1e6) print("x".repeat(Math.min(left, 1e6)));
        break;
      case "result":
        output({ kind: "result", data: plain(all), metadata: {} });
        break;
      case "display":
        output({ kind: "display", data: plain(rest), metadata: {}, ...(first === "-" ? {} : { display: first }) });
        break;
      case "update":
        output({ kind: "display", data: plain(rest), metadata: {}, display: first, update: true });
        break;
      case "chart":
        output({ kind: "display", data: { "application/vnd.vegalite.v5+json": CHART, ...plain("a chart") }, metadata: {} });
        break;
      case "clear":
        output({ kind: "clear", wait: first === "wait" });
        break;
      case "fail":
      case "quietfail": {
        const error = { ename: first, evalue: rest, traceback: [`${first}: ${rest}`] };
        if (command === "fail") output({ kind: "error", ...error });
        return { type: "done", id, status: "error", error, metadata };
      }
      case "sleep":
        try {
          await setTimeout(Number(first), undefined, { signal: running.signal });
        } catch {
          const error = { ename: "KeyboardInterrupt", evalue: "", traceback: ["interrupted"] };
          output({ kind: "error", ...error });
          return { type: "done", id, status: "error", error, metadata };
        }
        break;
      case "block":
        for (const end = performance.now() + Number(first); performance.now() < end;);
        break;
      case "late":
        globalThis.setTimeout(() => print(`${rest}\n`), Number(first));
        break;
      case "die":
        console.error("dying as told");
        process.exit(Number(first));
        break;
      case "meta":
        metadata[first] = rest;
        break;
      case "cell":
        print(JSON.stringify(request.cell));
        break;
      case "pid":
        print(String(process.pid));
        break;
      default:
        return { type: "done", id, status: "error", error: { ename: "Unknown", evalue: command, traceback: [] }, metadata };
    }
  }
  return { type: "done", id, status: "ok", metadata };
}

/** Cleaning up takes STANDIN_CLEAN_MS; then the process ends, whoever is left. */
async function end(why: string): Promise<void> {
  if (ending) return;
  ending = true;
  log(why);
  await setTimeout(Number(process.env["STANDIN_CLEAN_MS"] ?? 0));
  log("clean");
  process.exit(0);
}

const isRequest = (message: unknown): message is Request => typeof message === "object" && message !== null && "type" in message;

process.on("message", (message) => {
  if (!isRequest(message)) return;
  switch (message.type) {
    case "execute":
      void run(message.id, message).then(send);
      return;
    case "complete": {
      if (message.code === "hang") return;
      const points = Array.from(message.code);
      const word = /\w*$/.exec(points.slice(0, message.cursor).join(""))?.[0] ?? "";
      const matches = ["print", "pid", "sleep"].filter((name) => name.startsWith(word));
      send({ type: "complete", id: message.id, matches, start: message.cursor - word.length, end: message.cursor });
      return;
    }
    case "inspect":
      send({ type: "inspect", id: message.id, found: message.code !== "", data: { "text/plain": `${message.code} ${message.detail}` } });
      return;
    case "is_complete": {
      const status = message.code.endsWith(":") ? "incomplete" : message.code.includes("!") ? "invalid" : "complete";
      send({ type: "is_complete", id: message.id, status, indent: status === "incomplete" ? "    " : "" });
      return;
    }
    case "interrupt":
      log("interrupt");
      running?.abort();
      return;
    case "shutdown":
      void end("shutdown");
      return;
  }
});
process.on("disconnect", () => void end("disconnect"));
log(`start ${process.pid}`);
send({ type: "ready" });
