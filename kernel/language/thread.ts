/**
 * One line of execution: its stack of active functions, its count of steps, its limits, and the host's doors for printing and
 * loading. A thread runs one function at a time; what runs beside it needs a thread of its own, see `fork`.
 */
import type { Activation } from "./activation.ts";
import { invoke } from "./call.ts";
import { Failure } from "./errors.ts";
import { atHost } from "./locate.ts";
import type { Module } from "./module.ts";
import type { Position } from "./source.ts";
import type { Suspension, Value } from "./value.ts";
import { isSuspension } from "./value.ts";
import type { Keywords } from "./values/builtin.ts";
import { NO_KEYWORDS } from "./values/builtin.ts";

/** Yielded every few thousand steps, so that the driver can give the event loop its turn or cancel. */
export const TICK: unique symbol = Symbol("tick");

const STEPS_PER_TICK = 4096;

export interface Limits {
  /** Statements, loop rounds and calls together. */
  readonly steps: number;
  /** Nested calls; the engine's own stack ends somewhere above a thousand. */
  readonly depth: number;
  /** Characters printed. */
  readonly output: number;
}

export const DEFAULT_LIMITS: Limits = { steps: Infinity, depth: 200, output: 10_000_000 };

export interface ThreadOptions {
  print(text: string, thread: Thread): void;
  /** Finds the module that a `load` statement names; called anew each time, so it is the host that keeps modules. */
  load?(name: string, thread: Thread): Generator<unknown, Module, unknown>;
  /** Nanoseconds since 1970, for `time.now()`; without it there is no such function. */
  now?(): bigint;
  readonly limits?: Partial<Limits>;
}

export class Thread {
  readonly options: ThreadOptions;
  readonly limits: Limits;
  /** The innermost active function; kept by the evaluator. */
  top: Activation | undefined;
  /** Steps left until the next tick; kept by the evaluator. */
  budget = STEPS_PER_TICK;
  #steps = 0;
  #printed = 0;

  constructor(options: ThreadOptions) {
    this.options = options;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /**
   * Calls a function. Whatever the generator yields is an effect of a host function, to be answered through `next`, or TICK.
   * Errors are StarlarkErrors, except Cancelled.
   */
  *call(fn: Value, args: readonly Value[], kwargs: Keywords = NO_KEYWORDS): Suspension {
    const top = this.top;
    try {
      if (this.budget < 0) yield* this.tick();
      const result = invoke(this, fn, args, kwargs);
      return isSuspension(result) ? yield* result : result;
    } catch (error) {
      throw atHost(error, top);
    } finally {
      this.top = top;
    }
  }

  /** Where the innermost active function stands; undefined when none is active. */
  position(): Position | undefined {
    return this.top === undefined ? undefined : this.top.code.source.position(this.top.at);
  }

  /** A thread that runs beside this one: same host, and an error's backtrace leads through the call that is active now. */
  fork(): Thread {
    const beside = new Thread(this.options);
    beside.top = this.top;
    return beside;
  }

  /** Steps executed so far, to within a few thousand. */
  get steps(): number {
    return this.#steps + STEPS_PER_TICK - this.budget;
  }

  /** Gives the driver its turn and starts a new budget; throws when the limit of steps is reached. */
  *tick(): Generator<unknown, void, unknown> {
    this.#steps += STEPS_PER_TICK - this.budget;
    this.budget = STEPS_PER_TICK;
    if (this.#steps > this.limits.steps) throw new Failure("Starlark computation cancelled: too many steps");
    yield TICK;
  }

  print(text: string): void {
    this.#printed += text.length + 1;
    if (this.#printed > this.limits.output) throw new Failure(`too much output (limit is ${this.limits.output} characters)`);
    this.options.print(text, this);
  }
}
