/**
 * JupyterLab as a person sees it: the server from the private Python environment, and headless Chromium on a notebook of it.
 * Everything they read and write is in directories of their own; they talk to nobody but each other.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import type { JupyterHome } from "../../jupyter/support/kernelspec.ts";
import { pythonProgram } from "../../support/python.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
const START_MS = 60_000;
/** JupyterLab's page, first time, on a busy machine. */
const LOAD_MS = 120_000;

/** No question about news, and every cell drawn whether it is in view or not. */
const SETTINGS = {
  "apputils-extension/notification": { fetchNews: "false", checkForUpdates: false, doNotDisturbMode: true },
  "notebook-extension/tracker": { windowingMode: "none" },
};

export class Lab {
  readonly #server: ChildProcess;
  readonly #browser: BrowserContext;
  readonly #url: string;
  readonly #token: string;
  readonly #directory: string;

  private constructor(server: ChildProcess, browser: BrowserContext, { url, token, directory }: Place) {
    this.#server = server;
    this.#browser = browser;
    this.#url = url;
    this.#token = token;
    this.#directory = directory;
  }

  /** @param root directory that the notebooks to open lie in */
  static async start(home: JupyterHome, root: string): Promise<Lab> {
    const directory = mkdtempSync(join(tmpdir(), "faultbook-lab-"));
    const token = randomBytes(16).toString("hex");
    const port = await freePort();
    const place: Place = { directory, token, url: `http://127.0.0.1:${port}` };
    for (const [plugin, settings] of Object.entries(SETTINGS)) {
      const file = join(directory, "settings", "@jupyterlab", `${plugin}.jupyterlab-settings`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(settings));
    }
    const server = startServer(home, root, port, place);
    try {
      await answering(server, place);
      const options = { executablePath: CHROMIUM, headless: true, args: FLAGS, viewport: { width: 1400, height: 1000 } };
      return new Lab(server, await chromium.launchPersistentContext(join(directory, "browser"), options), place);
    } catch (error) {
      await stop(server);
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Opens a notebook and waits until its kernel can take cells. The path is relative to the root. */
  async open(path: string): Promise<Notebook> {
    const page = await this.#browser.newPage();
    await page.goto(`${this.#url}/lab/tree/${encodeURI(path)}?reset&token=${this.#token}`, { timeout: LOAD_MS });
    const notebook = new Notebook(page);
    await notebook.idle(LOAD_MS);
    return notebook;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await stop(this.#server);
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The session context of the notebook in front, in JupyterLab's own terms. */
const CONTEXT = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext";
const CHART = ".jp-RenderedVegaCommon5";

/** A notebook that is open in JupyterLab. */
export class Notebook {
  /** For what is asked too rarely to have a name here. */
  readonly page: Page;
  readonly #complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.#complaints.push(message.text());
    });
  }

  /** What the page has written to the browser's console as warnings and errors: a chart's are among them. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Waits until the kernel says that it is idle. */
  async idle(limit_ms: number): Promise<void> {
    await this.page.waitForFunction(`${CONTEXT}?.session?.kernel?.status === "idle"`, undefined, { timeout: limit_ms });
  }

  /** Runs all cells, and waits for the last one and for `idle`. False: a cell failed, and those behind it did not run. */
  async runAll(limit_ms: number): Promise<boolean> {
    const run = this.page.evaluate(`window.jupyterapp.commands.execute("notebook:run-all-cells")`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the cells did not end within ${limit_ms} ms`)), limit_ms);
    });
    try {
      const done: unknown = await Promise.race([run, late]);
      await this.idle(limit_ms);
      return done === true;
    } finally {
      clearTimeout(timer);
      // When the page closes first, nobody waits any more.
      run.catch(() => undefined);
    }
  }

  /** How many Vega-Lite outputs are drawn, as canvas or SVG. Waits until there are so many, then lets any more come for a moment. */
  async charts(expected: number, limit_ms: number): Promise<number> {
    const drawn = `document.querySelectorAll("${CHART} canvas, ${CHART} svg.marks").length`;
    await this.page.waitForFunction(`${drawn} >= ${expected}`, undefined, { timeout: limit_ms });
    await this.page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
    return Number(await this.page.evaluate(drawn));
  }

  /** The text of every output area, in order. */
  async outputs(): Promise<string[]> {
    return this.page.locator(".jp-CodeCell .jp-Cell-outputArea").allInnerTexts();
  }

  /** What lies in front of the notebook and would have to be clicked away. */
  async dialogs(): Promise<string[]> {
    return this.page.locator(".jp-Dialog, .Toastify__toast").allInnerTexts();
  }

  /** The button with the square. */
  async interrupt(): Promise<void> {
    await this.page.evaluate(`window.jupyterapp.commands.execute("notebook:interrupt-kernel")`);
  }

  /** Waits until some output shows this text. */
  async shows(text: string, limit_ms: number): Promise<void> {
    await this.page.locator(".jp-CodeCell .jp-Cell-outputArea", { hasText: text }).first().waitFor({ timeout: limit_ms });
  }

  /** Runs a text in the notebook's kernel, in no cell, and returns the number that the kernel counts it as. */
  async execute(code: string): Promise<number> {
    const reply = `${CONTEXT}.session.kernel.requestExecute({ code: ${JSON.stringify(code)} }).done`;
    return Number(await this.page.evaluate(`${reply}.then((message) => message.content.execution_count)`));
  }

  async save(): Promise<void> {
    await this.page.evaluate(`window.jupyterapp.commands.execute("docmanager:save")`);
  }

  /** The whole window. */
  async screenshot(file: string): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
  }

  /** The outputs of one code cell alone, however long; counted from 0. */
  async screenshotOutput(cell: number, file: string): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    await this.page.locator(".jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea").screenshot({ path: file });
  }
}

interface Place {
  readonly url: string;
  readonly token: string;
  readonly directory: string;
}

function startServer(home: JupyterHome, root: string, port: number, { token, directory }: Place): ChildProcess {
  const args = [
    ...["--no-browser", "--ServerApp.ip=127.0.0.1", `--ServerApp.port=${port}`, "--ServerApp.port_retries=0"],
    ...[`--ServerApp.root_dir=${root}`, `--IdentityProvider.token=${token}`],
    ...["--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None", "--LabApp.extension_manager=readonly"],
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
  ];
  const env = {
    ...home.env,
    JUPYTERLAB_SETTINGS_DIR: join(directory, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(directory, "workspaces"),
    HOME: directory,
    // The kernel's caches stay where they are; only Jupyter's home is another.
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] || join(process.env["HOME"] ?? "/", ".cache"),
  };
  const log = join(directory, "server.log");
  return spawn("/bin/sh", ["-c", 'log="$1"; shift; exec "$@" >"$log" 2>&1', "sh", log, pythonProgram("jupyter-lab"), ...args], {
    env,
    stdio: "ignore",
  });
}

async function answering(server: ChildProcess, { url, token, directory }: Place): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && server.exitCode === null) {
    const response = await fetch(`${url}/api/status?token=${token}`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`JupyterLab did not start:\n${readFileSync(join(directory, "server.log"), "utf8")}`);
}

/** SIGTERM lets the server shut its kernels down. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill("SIGTERM");
  const timer = setTimeout(() => server.kill("SIGKILL"), 15_000);
  await exited;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}
