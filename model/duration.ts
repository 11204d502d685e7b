/** Lengths of time as a spec writes them: a number and a unit, such as "250ms", "3s", "1m30s". Inside, always milliseconds. */

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a text such as "1m30s"; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(us|ms|s|m|h))+$/.test(text)) return undefined;
  let total_ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)) total_ms += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  return total_ms;
}

/** A duration for a person, with no more digits than mean something: "0.4 ms", "38 ms", "3.07 s", "2 min". */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))} s`;
  return `${Math.round(ms / 60_000)} min`;
}
