/**
 * Tells a person what set-up does, one line a step: `Docker: installing Debian's docker.io … 21 s`. On a terminal the
 * running steps are redrawn in place; elsewhere a line is written when a step's work begins and when it ends. A step that
 * had nothing to do says nothing.
 */
import { formatDuration } from "../../model/duration.ts";

export interface Step {
  /** What is being done now. The first call makes the step visible. */
  doing(text: string): void;
  /** With a result for the line that stays, such as "20.10.24, started". Silent when nothing was ever done. */
  done(text?: string): void;
  failed(): void;
}

export interface Progress {
  step(name: string): Step;
  /** Ends redrawing, so that other output can follow. */
  end(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

interface Line {
  readonly name: string;
  text: string;
  readonly began_ms: number;
  seconds: number;
}

export function createProgress(stream: Screen): Progress {
  const running = new Set<Line>();
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;

  const describe = (line: Line): string =>
    `${line.name}: ${line.text} … ${formatDuration(Math.round((performance.now() - line.began_ms) / 1000) * 1000)}`;
  const erase = (): void => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (stream.isTTY !== true) return;
    erase();
    for (const line of running) stream.write(`${describe(line).slice(0, (stream.columns ?? 80) - 1)}\n`);
    drawn = running.size;
  };
  const write = (text: string): void => {
    erase();
    stream.write(`${text}\n`);
    draw();
  };
  // Off a terminal a long silence looks like a hang.
  const tick = (): void => {
    if (stream.isTTY === true) draw();
    else for (const line of running) if (++line.seconds % 30 === 0) write(describe(line));
  };

  return {
    step(name) {
      let line: Line | undefined;
      const finish = (text: string): void => {
        if (line === undefined) return;
        running.delete(line);
        write(`${name}: ${text}, ${formatDuration(performance.now() - line.began_ms)}`);
        if (running.size === 0) clearInterval(timer);
        line = undefined;
      };
      return {
        doing(text) {
          if (line === undefined) {
            line = { name, text, began_ms: performance.now(), seconds: 0 };
            running.add(line);
            if (running.size === 1) timer = setInterval(tick, 1000).unref();
          } else if (line.text === text) return;
          line.text = text;
          if (stream.isTTY === true) draw();
          else write(`${name}: ${text} …`);
        },
        done: (text = "done") => finish(text),
        failed: () => finish("failed"),
      };
    },
    end() {
      clearInterval(timer);
      erase();
    },
  };
}

/** For callers that show nothing. */
export const NO_STEP: Step = { doing: () => undefined, done: () => undefined, failed: () => undefined };
