/**
 * A wait with two ends: the caller's signal and a time of our own. Everything that the engine is asked goes through here, so
 * that no cell hangs on a daemon that has stopped answering.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../../model/problem.ts";

/** An ordinary request; Docker under load has been seen to take 10 s to start a container. */
export const REQUEST_MS = 60_000;

/**
 * The result of `work`, unless `signal` or the time ends the wait first: then the signal's own reason, or the problem
 * DOCKER_TIMEOUT, is thrown at once, even where `work` can't be stopped.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  doing: string,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  let stopped: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (reason: unknown): void => {
      // The error that a stopped request answers with must not win over the reason for stopping it.
      reject(reason instanceof Error ? reason : new Error("interrupted", { cause: reason }));
      controller.abort(reason);
    };
    const onAbort = (): void => end(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => {
      end(
        new Problem(
          "DOCKER_TIMEOUT",
          "system",
          `Docker gave no answer within ${ms / 1000} s while ${doing}`,
          "See whether it still answers: docker ps. If not, restart its daemon.",
        ),
      );
    }, ms);
    stopped = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  });
  try {
    return await Promise.race([ended, work(controller.signal)]);
  } finally {
    stopped?.();
  }
}

/** A pause that the signal ends with its reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
