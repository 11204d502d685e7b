/** Long work shows what it does: one display that says what each service waits for, and closes with a line of what took how long. */
import { formatDuration } from "../../model/duration.ts";
import type { Progress } from "../engines/engine.ts";
import type { Display, Live } from "./display.ts";

export interface ProgressDisplay {
  readonly report: Progress;
  /** Shows the summary where anything was reported since the last close. */
  close(): Promise<void>;
}

export function progressOf(display: Display): ProgressDisplay {
  let live: Live | undefined;
  let since_ms = 0;
  let last_ms = 0;
  const said = new Map<string, string>();
  const bundle = (text: string): { data: Record<string, string>; metadata: Record<string, never> } => ({
    data: { "text/plain": text },
    metadata: {},
  });
  const lines = (): string => [...said].map(([service, text]) => `${service}: ${text}`).join("\n");
  return {
    report: (service, text) => {
      if (live === undefined) {
        live = display.live();
        since_ms = performance.now();
      }
      said.set(service, text);
      last_ms = performance.now();
      live.update(() => Promise.resolve(bundle(lines())));
    },
    close: async () => {
      if (live === undefined) return;
      const ready = [...said.values()].every((text) => text === "ready");
      const summary = ready ? `${[...said.keys()].join(", ")} ready in ${formatDuration(last_ms - since_ms)}` : lines();
      const last = live;
      live = undefined;
      said.clear();
      await last.finish(() => Promise.resolve(bundle(summary)));
    },
  };
}
