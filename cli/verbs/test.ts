/**
 * `faultbook test`: what is checked without running (types, style, format), then every test: those that need nothing side by
 * side, those that need Docker one after the other, since they share a machine. The last line has the totals.
 */
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { Problem } from "../../model/problem.ts";
import { runCommand } from "../command.ts";
import { ROOT } from "../place.ts";
import { aptUsable, isRoot } from "../setup/apt.ts";
import { jupyterEnvironment } from "../setup/kernelspec.ts";
import { setUp } from "../setup/set-up.ts";
import type { Verb } from "../verb.ts";
import { readArguments } from "../verb.ts";

const DOCKER = ".docker.test.ts";
const LONG = ".long.test.ts";
const SIDE_BY_SIDE = 2;

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const test: Verb = {
  usage: "test [--without-docker] [--long]",
  async run(args) {
    const options = { "without-docker": { type: "boolean" }, long: { type: "boolean" } } as const;
    const { values } = readArguments(args, test.usage, options);
    const docker = values["without-docker"] !== true;
    if (docker && !isRoot()) {
      throw new Problem(
        "TESTS_NEED_ROOT",
        "system",
        "Most tests inject faults into containers, which needs root, and we are not root.",
        "Run it as root, or test only what needs neither Docker nor root: faultbook test --without-docker",
      );
    }
    await setUp({ docker, jupyter: true, chromium: docker || aptUsable() === true });
    // The tests' programs find this clone's kernel, and nobody else's, under its name.
    Object.assign(process.env, jupyterEnvironment());

    const checksFailed = await check();
    const files = (await testFiles()).filter((file) => values.long === true || !file.endsWith(LONG));
    const plain = await runTests(
      files.filter((file) => !file.includes(DOCKER)),
      SIDE_BY_SIDE,
    );
    const inDocker = docker
      ? await runTests(
          files.filter((file) => file.includes(DOCKER)),
          1,
        )
      : { passed: 0, failed: 0, skipped: 0 };

    if (!docker) console.log("\nWITHOUT DOCKER: nothing that starts a service or injects a fault was tested.");
    if (checksFailed.length > 0) console.log(`\nChecks that failed: ${checksFailed.join(", ")} (see above)`);
    const [passed, failed, skipped] = [plain.passed + inDocker.passed, plain.failed + inDocker.failed, plain.skipped + inDocker.skipped];
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    return failed === 0 && passed > 0 && checksFailed.length === 0 ? 0 : 1;
  },
};

async function testFiles(): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob("test/**/*.test.ts", { cwd: ROOT })) files.push(join(ROOT, file));
  return files.sort();
}

const CHECKS = [
  ["types", "typescript/bin/tsc", ["-p", "tsconfig.json"]],
  ["lint", "eslint/bin/eslint.js", ["--cache", "--cache-location", "out/eslint-cache", "--max-warnings", "0", "."]],
  ["format", "prettier/bin/prettier.cjs", ["--cache", "--cache-location", "out/prettier-cache", "--check", "--log-level", "warn", "."]],
] as const;

/** Names of those that failed; what they said is printed. */
async function check(): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const [name, program, args] of CHECKS) {
    const { status, lines } = await runCommand(process.execPath, [join(ROOT, "node_modules", program), ...args], { cwd: ROOT });
    console.log(`${status === 0 ? "✔" : "✖"} ${name}`);
    if (status === 0) continue;
    failed.push(name);
    for (const line of lines) console.log(`    ${line}`);
  }
  return failed;
}

/** Runs each file in a process of its own and reports as node --test does. */
async function runTests(files: readonly string[], concurrency: number): Promise<Counts> {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const events = run({ files: [...files], concurrency, cwd: ROOT });
  let counts: Counts | undefined;
  events.on("test:summary", (event) => {
    // A file's own summary comes too; the one of all has no file.
    if (event.file !== undefined) return;
    const { tests, passed, skipped, todo } = event.counts;
    counts = { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
  });
  const report = events.compose(spec);
  for await (const text of report) process.stdout.write(String(text));
  if (counts === undefined) throw new Error("the test runner gave no summary");
  return counts;
}
