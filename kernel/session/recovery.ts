/** After a fault is lifted: the scenario again until it is as well as in the baseline, restarting what died on the way. */
import { setTimeout } from "node:timers/promises";
import { alike } from "../analysis/answer.ts";
import type { Answer } from "../analysis/answer.ts";
import { formatDuration } from "../../model/duration.ts";
import type { Recovery } from "../../model/verdict.ts";
import type { Scenario } from "../spec/declarations.ts";
import { beginning, performer } from "./perform.ts";
import { act } from "./run.ts";
import type { Setting } from "./run.ts";
import { now_ms } from "./clock.ts";

const PATIENCE_MS = 20_000;
const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = 400;

/**
 * @param since_ms when the fault was lifted, in epoch milliseconds
 * @param baseline what the scenario answers when all is well
 */
export async function recover(setting: Setting, scenario: Scenario, baseline: Answer, since_ms: number): Promise<Recovery> {
  const { world, signal } = setting;
  const restarted: string[] = [];
  let last = "";
  for (let pause_ms = PAUSE_MIN_MS; now_ms() - since_ms < PATIENCE_MS; pause_ms = Math.min(pause_ms * 2, PAUSE_MAX_MS)) {
    restarted.push(...(await world.services.revive(setting.progress, signal)));
    const scope = { ...beginning(world), signal, progress: setting.progress };
    const { answer } = await act(setting, scenario, performer(world, scope));
    if (alike(answer, baseline)) {
      const ms = now_ms() - since_ms;
      if (restarted.length === 0) return { outcome: "recovered", ms, detail: `recovered in ${formatDuration(ms)}` };
      return {
        outcome: "needs a restart",
        ms,
        detail: `${restarted.join(", ")}; well again ${formatDuration(ms)} after lifting, by a restart`,
      };
    }
    last = answer.kind === "response" ? String(answer.status || answer.error) : answer.kind === "raised" ? answer.message : answer.text;
    await setTimeout(pause_ms, undefined, { signal });
  }
  const ms = now_ms() - since_ms;
  const also = restarted.length === 0 ? "" : ` though ${restarted.join(", ")} and was restarted`;
  return { outcome: "not recovered", ms, detail: `not well again within ${formatDuration(ms)}${also}: ${last}` };
}
