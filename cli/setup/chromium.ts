/** A browser for the tests that look at JupyterLab: Debian's package, with a font for it to draw with. */
import { existsSync } from "node:fs";
import { aptInstall } from "./apt.ts";
import type { Step } from "./progress.ts";

export const CHROMIUM = "/usr/bin/chromium";

export async function installChromium(step: Step, signal: AbortSignal): Promise<void> {
  if (existsSync(CHROMIUM) && existsSync("/usr/share/fonts/truetype/dejavu")) return;
  await aptInstall(["chromium", "fonts-dejavu-core"], "Chromium", step, signal);
  step.done("installed");
}
