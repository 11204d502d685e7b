/**
 * `faultbook doctor`: what this machine has and lacks, a line each, with how to get what is missing. It changes nothing.
 * Exit status 0 when the demo would run as it is.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { where } from "../../kernel/engines/failures.ts";
import { Injector } from "../../kernel/session/injector.ts";
import { Problem } from "../../model/problem.ts";
import { runCommand } from "../command.ts";
import { OUT, PYTHON_ENVIRONMENT, ROOT, VERSION } from "../place.ts";
import { isRoot } from "../setup/apt.ts";
import { CHROMIUM } from "../setup/chromium.ts";
import type { Engine } from "../setup/docker.ts";
import { connect, engineTrouble, ownDaemon, remedyFor } from "../setup/docker.ts";
import { IMAGES, recipeOf } from "../setup/images.ts";
import { KERNEL_MAIN } from "../setup/kernel.ts";
import { kernelsDirectory, OWN_KERNELS, readKernelspec } from "../setup/kernelspec.ts";
import { pythonEnvironmentReady } from "../setup/python.ts";
import type { Verb } from "../verb.ts";
import { readArguments } from "../verb.ts";

interface Finding {
  readonly name: string;
  readonly state: "ok" | "missing" | "optional";
  readonly detail: string;
  /** How to get it; "" when there is nothing to do. */
  readonly remedy: string;
}

const BY_DEMO = "./faultbook demo sets it up";

export const doctor: Verb = {
  usage: "doctor",
  async run(args) {
    readArguments(args, doctor.usage, {});
    console.log(`faultbook ${VERSION} in ${ROOT}`);
    const findings = [
      ...machine(),
      ...(await packages()),
      ...(await python()),
      ...(await docker()),
      ...(await mechanisms()),
      ...(await kernelspecs()),
      browser(),
    ];
    for (const { name, state, detail, remedy } of findings) {
      console.log(`${{ ok: "ok      ", missing: "MISSING ", optional: "-       " }[state]}${name}: ${detail}`);
      for (const line of remedy.split("\n")) if (state !== "ok" && line !== "") console.log(`           ${line}`);
    }
    const missing = findings.filter(({ state }) => state === "missing").length;
    console.log(missing === 0 ? "Nothing is missing." : `${missing} missing.`);
    return missing === 0 ? 0 : 1;
  },
};

const ok = (name: string, detail: string): Finding => ({ name, state: "ok", detail, remedy: "" });
const missing = (name: string, detail: string, remedy: string): Finding => ({ name, state: "missing", detail, remedy });
const optional = (name: string, detail: string, remedy: string): Finding => ({ name, state: "optional", detail, remedy });

function machine(): readonly Finding[] {
  const system =
    process.platform === "linux"
      ? ok("system", `Linux ${release()} on ${process.arch}`)
      : missing("system", process.platform, "Faults are system calls of Linux: use a Linux virtual machine, or a docker context on one.");
  const privilege = isRoot()
    ? ok("privilege", "root: faults can be injected")
    : missing(
        "privilege",
        `user ${String(process.getuid?.())}: the injector must reach into containers`,
        "Run as root: sudo ./faultbook …",
      );
  return [system, ok("Node", `${process.versions.node} (${process.execPath})`), privilege];
}

async function packages(): Promise<readonly Finding[]> {
  const version: unknown = JSON.parse(await readFile(join(ROOT, "node_modules", "typescript", "package.json"), "utf8").catch(() => "null"));
  const there = typeof version === "object" && version !== null;
  return [
    there ? ok("npm packages", "installed") : missing("npm packages", "incomplete", "npm ci --ignore-scripts"),
    existsSync(KERNEL_MAIN) ? ok("kernel", `compiled in ${join(OUT, "js")}`) : missing("kernel", "not compiled", BY_DEMO),
  ];
}

async function python(): Promise<readonly Finding[]> {
  if (await pythonEnvironmentReady()) return [ok("Python environment", PYTHON_ENVIRONMENT)];
  return [missing("Python environment", `not there, or incomplete (${PYTHON_ENVIRONMENT})`, `${BY_DEMO}; needed by demo, lab and test`)];
}

async function docker(): Promise<readonly Finding[]> {
  let engine: Engine;
  try {
    engine = connect();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [missing("Docker", error.message, error.hint)];
  }
  const client = await runCommand("docker", ["--version"]).then(
    ({ stdout }) => ok("docker client", stdout),
    () => optional("docker client", "not installed", "Not needed; for looking by hand, Debian's docker.io has one."),
  );
  const trouble = await engineTrouble(engine);
  if (trouble !== undefined) {
    const own = { install: `${BY_DEMO} (Debian's docker.io)`, start: "./faultbook demo starts it", none: trouble.hint };
    return [client, missing("Docker", trouble.message, own[remedyFor(trouble, engine.choice)])];
  }
  const info: unknown = await engine.docker.info();
  const [version, pid] = await Promise.all([engine.docker.version(), ownDaemon()]);
  const cgroup = typeof info === "object" && info !== null && "CgroupVersion" in info ? String(info.CgroupVersion) : "1";
  const ours = pid === undefined ? "" : `, started by faultbook (pid ${pid})`;
  const found = [
    client,
    ok(
      "Docker",
      `${version.Version} at ${where(engine.choice)} (${engine.choice.namedBy}), API ${version.ApiVersion}, cgroup v${cgroup}${ours}`,
    ),
  ];
  for (const image of IMAGES) {
    const recipe = await recipeOf(engine.docker, image);
    found.push(recipe === undefined ? missing(`image ${image}`, "not made", BY_DEMO) : ok(`image ${image}`, `recipe ${recipe}`));
  }
  return found;
}

async function mechanisms(): Promise<readonly Finding[]> {
  const injector = new Injector(() => undefined);
  try {
    const { mechanisms: found } = await injector.order<"probe">({ order: "probe" });
    return found.map(({ mechanism, available, detail }) =>
      available
        ? ok(`mechanism ${mechanism}`, detail)
        : missing(
            `mechanism ${mechanism}`,
            detail,
            "What it would carry is carried by another mechanism where one can; else the fault is an error.",
          ),
    );
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [missing("injector", error.message, error.hint)];
  } finally {
    injector.close();
  }
}

async function kernelspecs(): Promise<readonly Finding[]> {
  const places = [
    ["this clone's own (demo, lab)", OWN_KERNELS, BY_DEMO],
    ["user", await kernelsDirectory({ kind: "user" }), "For a Jupyter of your own: ./faultbook install"],
  ] as const;
  const found: Finding[] = [];
  for (const [name, directory, remedy] of places) {
    const argv = await readKernelspec(directory);
    if (argv === undefined) found.push(optional(`kernelspec, ${name}`, `not in ${directory}`, remedy));
    else {
      // An upgrade of Node or a clone that moved leaves a kernel that can't start.
      const gone = argv.slice(0, 2).filter((file) => !existsSync(file));
      found.push(
        gone.length === 0
          ? ok(`kernelspec, ${name}`, directory)
          : missing(
              `kernelspec, ${name}`,
              `in ${directory}, but ${gone.join(" and ")} is not there any more`,
              "./faultbook install writes it anew",
            ),
      );
    }
  }
  return found;
}

function browser(): Finding {
  return existsSync(CHROMIUM)
    ? ok("Chromium", CHROMIUM)
    : optional("Chromium", "not installed", "Only tests need it; ./faultbook test installs Debian's.");
}
