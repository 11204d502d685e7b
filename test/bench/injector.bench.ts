/**
 * What a system call under the injector costs, beside the same call bare and beside the smallest supervisor written in C,
 * all interleaved in one run; and what attaching to a running process takes. Trust the ratios: machines and neighbours
 * differ. Needs root; without a C compiler there is no reference, and that is said.
 */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Rule } from "../../model/rule.ts";
import { InjectorProcess } from "../injector/harness.ts";

const ROUNDS = 9;
const CALLS = 20_000;
const ATTACHES = 30;
const BUDGET = 1.4;

class Program {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, args: readonly string[] = []) {
    this.child = spawn(path, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (this.child.stdout === null) throw new Error("no standard output");
    this.#lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("the measured program ended");
    return next.value;
  }

  async nanoseconds(calls: number): Promise<number> {
    this.child.stdin?.write(`${calls}\n`);
    return Number(await this.line());
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function print(name: string, ns: readonly number[], bare: number, reference: number | undefined): void {
  const middle = median(ns);
  const spread = `${(Math.min(...ns) / 1000).toFixed(2)} to ${(Math.max(...ns) / 1000).toFixed(2)}`;
  const beside = reference === undefined ? "" : `, ${(middle / reference).toFixed(2)} times the C loop`;
  console.log(`${name.padEnd(44)} ${(middle / 1000).toFixed(2)} us (${spread}), ${(middle / bare).toFixed(0)} times bare${beside}`);
}

const directory = mkdtempSync(join(tmpdir(), "faultbook-bench-"));
const binary = join(directory, "calls");
const compiled = spawnSync("cc", ["-O2", "-o", binary, join(import.meta.dirname, "injector.bench.c")], {
  stdio: ["ignore", "inherit", "inherit"],
});
const injector = new InjectorProcess();
const programs: Program[] = [];
try {
  if (compiled.status !== 0) throw new Error("no C compiler: the measured program and its reference can't be built (apt-get install gcc)");
  const start = async (args: readonly string[] = []): Promise<Program> => {
    const program = new Program(binary, args);
    programs.push(program);
    await program.line();
    return program;
  };
  const bare = await start();
  const ours = await start();
  const written = await start();
  const reference = await start(["supervised"]);
  await injector.begin("bench");
  const rule = (id: string, service: string, keyword: Rule["keyword"]): Rule => {
    const to = keyword === "connect" ? { to: [{ service: "x", addresses: ["127.0.0.1"], port: 1 }] } : {};
    return {
      id,
      fault: id,
      service,
      keyword,
      action: { kind: "deny", errno: keyword === "connect" ? "ECONNREFUSED" : "ENOSPC" },
      established: "keep",
      ...to,
    };
  };
  await injector.arm([rule("c", "connects", "connect")], { service: "connects", pid: ours.child.pid ?? 0, addresses: [] });
  await injector.arm([rule("w", "writes", "write")], { service: "writes", pid: written.child.pid ?? 0, addresses: [] });

  const measured = { bare: [] as number[], reference: [] as number[], ours: [] as number[], written: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    const results = {
      bare: await bare.nanoseconds(CALLS),
      reference: await reference.nanoseconds(CALLS),
      ours: await ours.nanoseconds(CALLS),
      written: await written.nanoseconds(CALLS),
    };
    if (round === 0) continue; // everything is warm from the second round on
    measured.bare.push(results.bare);
    measured.reference.push(results.reference);
    measured.ours.push(results.ours);
    measured.written.push(results.written);
  }
  const [b, c] = [median(measured.bare), median(measured.reference)];
  console.log(`one pwrite64 of a byte to /dev/null, medians of ${ROUNDS} rounds of ${CALLS} calls`);
  print("bare", measured.bare, b, undefined);
  print("let pass by a loop in C, same flags", measured.reference, b, undefined);
  print("let pass, a rule on connect armed", measured.ours, b, c);
  print("let pass, a rule on write looked at the file", measured.written, b, c);
  console.log(`budget: ${BUDGET} times the C loop, here ${(median(measured.ours) / c).toFixed(2)}`);

  const attached: number[] = [];
  for (let i = 0; i < ATTACHES; i++) {
    const program = await start();
    const reply = await injector.arm([rule(`a${i}`, `a${i}`, "connect")], { service: `a${i}`, pid: program.child.pid ?? 0, addresses: [] });
    attached.push(reply.attach_ms);
    program.child.kill("SIGKILL");
  }
  console.log(
    `attach to a running process: median ${median(attached).toFixed(1)} ms, first ${(attached[0] ?? NaN).toFixed(1)} ms, longest ${Math.max(...attached).toFixed(1)} ms (budget 5 ms)`,
  );
} finally {
  for (const program of programs) program.child.kill("SIGKILL");
  injector.close();
  await injector.exited;
  rmSync(directory, { recursive: true });
}
