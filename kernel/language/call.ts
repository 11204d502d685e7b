/** Calling: binds arguments to parameters, starts functions and built-ins. */
import type { Activation } from "./activation.ts";
import { Failure } from "./errors.ts";
import { runAtOnce, runSuspended } from "./function.ts";
import { blame } from "./locate.ts";
import type { FunctionCode } from "./scope.ts";
import type { Thread } from "./thread.ts";
import type { Suspension, Value } from "./value.ts";
import { HostValue, isSuspension, itemAt, typeName } from "./value.ts";
import type { Keywords } from "./values/builtin.ts";
import { Builtin } from "./values/builtin.ts";
import { Dict } from "./values/dict.ts";
import type { Cell } from "./values/function.ts";
import { StarlarkFunction } from "./values/function.ts";
import { Tuple } from "./values/tuple.ts";

/** Calls any value: gives its result, or the computation that leads to it. */
export function invoke(thread: Thread, fn: Value, args: readonly Value[], kwargs: Keywords): Value | Suspension {
  if (fn instanceof StarlarkFunction) return invokeFunction(thread, fn, args, kwargs);
  if (fn instanceof Builtin) return invokeBuiltin(thread, fn, args, kwargs, fn.receiver ?? null);
  if (fn instanceof HostValue && fn.call !== undefined) return fn.call(args, kwargs, thread);
  throw new Failure(`invalid call of non-function (${typeName(fn)})`);
}

export function invokeBuiltin(thread: Thread, fn: Builtin, args: readonly Value[], kwargs: Keywords, receiver: Value): Value | Suspension {
  try {
    const result = fn.implementation(thread, args, kwargs, receiver);
    return isSuspension(result) ? blamed(result, fn.name) : result;
  } catch (error) {
    throw blame(error, fn.name);
  }
}

function* blamed(computation: Suspension, name: string): Suspension {
  try {
    return yield* computation;
  } catch (error) {
    throw blame(error, name);
  }
}

function invokeFunction(thread: Thread, fn: StarlarkFunction, args: readonly Value[], kwargs: Keywords): Value | Suspension {
  const { code } = fn;
  const caller = thread.top;
  const depth = caller === undefined ? 1 : caller.depth + 1;
  if (depth > thread.limits.depth) throw new Failure("Starlark stack overflow");
  // What runs at once calls nothing, so it can't come round to itself.
  if (!code.atOnce && !code.recursion) refuseRecursion(code, caller);

  const locals = new Array<Value | undefined>(code.locals);
  const { names } = code;
  if (args.length === names.length && kwargs.size === 0 && code.keywordOnly === 0 && !code.hasRest && !code.hasExtra) {
    for (let i = 0; i < args.length; i++) locals[i] = args[i];
  } else bind(fn, args, kwargs, locals);

  const cells: Cell[] = [];
  for (let i = 0; i < code.cells; i++) cells.push({ value: undefined });
  for (const { index, cell } of code.cellParameters) itemAt(cells, cell).value = locals[index];

  const activation: Activation = { thread, code, free: fn.free, locals, cells, caller, depth, at: code.start, result: null };
  thread.budget--;
  return code.atOnce ? runAtOnce(activation) : runSuspended(activation);
}

/** The same text already active counts as recursion, whatever function value it belongs to. */
function refuseRecursion(code: FunctionCode, caller: Activation | undefined): void {
  for (let a = caller; a !== undefined; a = a.caller) {
    if (a.code === code) throw new Failure(`function ${code.name} called recursively`);
  }
}

/** Puts arguments into the places of parameters. Messages are starlark-go's. */
function bind(fn: StarlarkFunction, args: readonly Value[], kwargs: Keywords, locals: (Value | undefined)[]): void {
  const { code, defaults } = fn;
  const { name, names, keywordOnly, hasRest, hasExtra } = code;
  if (names.length === 0 && !hasRest && !hasExtra) {
    throw new Failure(`function ${name} accepts no arguments (${args.length + kwargs.size} given)`);
  }
  const positional = names.length - keywordOnly;
  if (args.length > positional && !hasRest) {
    const atMost = defaults.slice(0, positional).some((value) => value !== undefined) ? "at most " : "";
    const plural = positional === 1 ? "" : "s";
    throw new Failure(`function ${name} accepts ${atMost}${positional} positional argument${plural} (${args.length} given)`);
  }
  for (let i = 0; i < Math.min(args.length, positional); i++) locals[i] = args[i];
  if (hasRest) locals[names.length] = new Tuple(args.slice(positional));
  const extra = new Dict();
  if (hasExtra) locals[names.length + Number(hasRest)] = extra;

  for (const [keyword, value] of kwargs) {
    const place = names.indexOf(keyword);
    if (place >= 0) {
      if (locals[place] !== undefined) throw new Failure(`function ${name} got multiple values for parameter "${keyword}"`);
      locals[place] = value;
    } else if (hasExtra) extra.set(keyword, value);
    else throw new Failure(`function ${name} got an unexpected keyword argument "${keyword}"`);
  }

  const missing: string[] = [];
  for (let i = 0; i < names.length; i++) {
    if (locals[i] === undefined) locals[i] = defaults[i];
    if (locals[i] === undefined) missing.push(itemAt(names, i));
  }
  if (missing.length > 0) {
    throw new Failure(`function ${name} missing ${missing.length} argument${missing.length > 1 ? "s" : ""} (${missing.join(", ")})`);
  }
}
