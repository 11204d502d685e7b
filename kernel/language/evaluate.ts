/**
 * Evaluates expressions: a walk over the resolved tree. What can't suspend is evaluated by plain functions (`…AtOnce`); what
 * calls or loops, by generators, which yield the effects of host functions and a TICK now and then.
 */
import type { Activation } from "./activation.ts";
import { attribute, method } from "./attribute.ts";
import { invoke, invokeBuiltin } from "./call.ts";
import { comprehend } from "./comprehend.ts";
import { Failure } from "./errors.ts";
import { makeFunction, evaluateDefaults, defaultsAtOnce } from "./function.ts";
import { open } from "./iterate.ts";
import { binary, index, slice, unary } from "./operators.ts";
import { checkElements } from "./size.ts";
import { repr } from "./repr.ts";
import type { Argument, Binary, Call, DictEntry, Expression } from "./tree.ts";
import { isSuspension, truth, typeName } from "./value.ts";
import type { Suspension, Value } from "./value.ts";
import { NO_KEYWORDS } from "./values/builtin.ts";
import { Dict } from "./values/dict.ts";
import { StarlarkFunction } from "./values/function.ts";
import { List } from "./values/list.ts";
import { Tuple } from "./values/tuple.ts";
import { lookup } from "./variables.ts";

export function evaluateAtOnce(a: Activation, e: Expression): Value {
  switch (e.kind) {
    case "name":
      return lookup(a, e);
    case "literal":
      return e.value;
    case "binary":
      return operate(a, e, evaluateAtOnce(a, e.left), evaluateAtOnce(a, e.right));
    case "dot": {
      const object = evaluateAtOnce(a, e.object);
      a.at = e.at;
      return attribute(object, e.name);
    }
    case "index": {
      const object = evaluateAtOnce(a, e.object);
      const key = evaluateAtOnce(a, e.index);
      a.at = e.at;
      return index(object, key);
    }
    case "logical": {
      const left = evaluateAtOnce(a, e.left);
      return truth(left) === (e.operator === "and") ? evaluateAtOnce(a, e.right) : left;
    }
    case "unary": {
      const operand = evaluateAtOnce(a, e.operand);
      a.at = e.start;
      return unary(e.operator, operand);
    }
    case "conditional":
      return evaluateAtOnce(a, truth(evaluateAtOnce(a, e.condition)) ? e.then : e.otherwise);
    case "list":
      return new List(itemsAtOnce(a, e.items));
    case "tuple":
      return new Tuple(itemsAtOnce(a, e.items));
    case "dict": {
      const dict = new Dict();
      for (const entry of e.entries) insertUnique(a, dict, entry, evaluateAtOnce(a, entry.key), evaluateAtOnce(a, entry.value));
      return dict;
    }
    case "slice": {
      const object = evaluateAtOnce(a, e.object);
      const [low, high, step] = [e.low, e.high, e.step].map((part) => (part === undefined ? null : evaluateAtOnce(a, part)));
      a.at = e.at;
      return slice(object, low ?? null, high ?? null, step ?? null);
    }
    case "lambda":
      return makeFunction(a, e.code, defaultsAtOnce(a, e.code));
    case "call":
    case "comprehension":
      throw new Failure("internal error: evaluated at once what may suspend");
  }
}

function itemsAtOnce(a: Activation, items: readonly Expression[]): Value[] {
  const values: Value[] = [];
  for (const item of items) values.push(evaluateAtOnce(a, item));
  return values;
}

/** A binary operator; what is usual with ints and strings is done right here. */
function operate(a: Activation, e: Binary, x: Value, y: Value): Value {
  if (typeof x === "number" && typeof y === "number") {
    switch (e.operator) {
      case "+": {
        const sum = x + y;
        if (Number.isSafeInteger(sum)) return sum;
        break;
      }
      case "-": {
        const difference = x - y;
        if (Number.isSafeInteger(difference)) return difference;
        break;
      }
      case "<":
        return x < y;
      case "<=":
        return x <= y;
      case ">":
        return x > y;
      case ">=":
        return x >= y;
      case "==":
        return x === y;
      case "!=":
        return x !== y;
      case "%":
        if (x >= 0 && y > 0) return x % y;
        break;
      default:
    }
  } else if (typeof x === "string" && typeof y === "string") {
    if (e.operator === "==") return x === y;
    if (e.operator === "!=") return x !== y;
  }
  a.at = e.at;
  return binary(e.operator, x, y);
}

function insertUnique(a: Activation, dict: Dict, entry: DictEntry, key: Value, value: Value): void {
  a.at = entry.colon;
  const { size } = dict;
  dict.set(key, value);
  if (dict.size === size) throw new Failure(`duplicate key: ${repr(key)}`);
}

// Expressions that may suspend

/** Evaluates as far as it goes: the value, or the computation that leads to it. */
export function evaluate(a: Activation, e: Expression): Value | Suspension {
  if (e.atOnce) return evaluateAtOnce(a, e);
  if (e.kind === "call" && e.simple && e.operandsAtOnce) return startCall(a, e);
  return evaluateSuspended(a, e);
}

/** A call whose callee and arguments are at once: for most built-ins no computation is needed at all. */
function startCall(a: Activation, e: Call): Value | Suspension {
  const { callee } = e;
  const { thread } = a;
  if (callee.kind === "dot") {
    const object = evaluateAtOnce(a, callee.object);
    const known = method(object, callee.name);
    if (known !== undefined) {
      const args = argumentsAtOnce(a, e.arguments);
      a.at = e.at;
      return invokeBuiltin(thread, known, args, NO_KEYWORDS, object);
    }
    a.at = callee.at;
    const fn = attribute(object, callee.name);
    const args = argumentsAtOnce(a, e.arguments);
    a.at = e.at;
    return invoke(thread, fn, args, NO_KEYWORDS);
  }
  const fn = evaluateAtOnce(a, callee);
  const args = argumentsAtOnce(a, e.arguments);
  a.at = e.at;
  return invoke(thread, fn, args, NO_KEYWORDS);
}

function argumentsAtOnce(a: Activation, args: readonly Argument[]): Value[] {
  const values: Value[] = [];
  for (const { value } of args) values.push(evaluateAtOnce(a, value));
  return values;
}

function* evaluateSuspended(a: Activation, e: Expression): Suspension {
  switch (e.kind) {
    case "call":
      return yield* call(a, e);
    case "binary": {
      const left = evaluate(a, e.left);
      const x = isSuspension(left) ? yield* left : left;
      const right = evaluate(a, e.right);
      const y = isSuspension(right) ? yield* right : right;
      return operate(a, e, x, y);
    }
    case "comprehension":
      return yield* comprehend(a, e);
    case "logical": {
      const left = evaluate(a, e.left);
      const x = isSuspension(left) ? yield* left : left;
      if (truth(x) !== (e.operator === "and")) return x;
      const right = evaluate(a, e.right);
      return isSuspension(right) ? yield* right : right;
    }
    case "unary": {
      const operand = evaluate(a, e.operand);
      const x = isSuspension(operand) ? yield* operand : operand;
      a.at = e.start;
      return unary(e.operator, x);
    }
    case "conditional": {
      const condition = evaluate(a, e.condition);
      const chosen = evaluate(a, truth(isSuspension(condition) ? yield* condition : condition) ? e.then : e.otherwise);
      return isSuspension(chosen) ? yield* chosen : chosen;
    }
    case "dot": {
      const object = evaluate(a, e.object);
      const x = isSuspension(object) ? yield* object : object;
      a.at = e.at;
      return attribute(x, e.name);
    }
    case "index": {
      const object = evaluate(a, e.object);
      const x = isSuspension(object) ? yield* object : object;
      const key = evaluate(a, e.index);
      const y = isSuspension(key) ? yield* key : key;
      a.at = e.at;
      return index(x, y);
    }
    case "slice": {
      const [x, low, high, step] = yield* evaluateAll(a, [e.object, e.low, e.high, e.step]);
      a.at = e.at;
      return slice(x ?? null, low ?? null, high ?? null, step ?? null);
    }
    case "list":
      return new List(yield* evaluateAll(a, e.items));
    case "tuple":
      return new Tuple(yield* evaluateAll(a, e.items));
    case "dict": {
      const dict = new Dict();
      for (const entry of e.entries) {
        const key = evaluate(a, entry.key);
        const k = isSuspension(key) ? yield* key : key;
        const value = evaluate(a, entry.value);
        insertUnique(a, dict, entry, k, isSuspension(value) ? yield* value : value);
      }
      return dict;
    }
    case "lambda":
      return makeFunction(a, e.code, yield* evaluateDefaults(a, e.code));
    case "name":
    case "literal":
      return evaluateAtOnce(a, e);
  }
}

/** The values of expressions in order; an absent one is None. */
export function* evaluateAll(a: Activation, expressions: readonly (Expression | undefined)[]): Generator<unknown, Value[], unknown> {
  const values: Value[] = [];
  for (const e of expressions) {
    const value = e === undefined ? null : evaluate(a, e);
    values.push(isSuspension(value) ? yield* value : value);
  }
  return values;
}

function* call(a: Activation, e: Call): Suspension {
  const { callee } = e;
  const evaluated = evaluate(a, callee.kind === "dot" ? callee.object : callee);
  const object = isSuspension(evaluated) ? yield* evaluated : evaluated;
  // A method of the language's own types is called without first being bound to its object.
  const known = callee.kind === "dot" ? method(object, callee.name) : undefined;
  if (callee.kind === "dot") a.at = callee.at;
  const fn = known ?? (callee.kind === "dot" ? attribute(object, callee.name) : object);

  const args: Value[] = [];
  const kwargs = new Map<string, Value>();
  let rest: Value | undefined;
  let extra: Value | undefined;
  for (const argument of e.arguments) {
    const given = evaluate(a, argument.value);
    const value = isSuspension(given) ? yield* given : given;
    if (argument.kind === "positional") args.push(value);
    else if (argument.kind === "named") kwargs.set(argument.name, value);
    else if (argument.kind === "*") rest = value;
    else extra = value;
  }
  a.at = e.at;
  if (extra !== undefined) spreadKeywords(fn, kwargs, extra);
  if (rest !== undefined) spread(args, rest);
  const result = known === undefined ? invoke(a.thread, fn, args, kwargs) : invokeBuiltin(a.thread, known, args, kwargs, object);
  return isSuspension(result) ? yield* result : result;
}

function spread(args: Value[], value: Value): void {
  const cursor = open(value);
  if (cursor === undefined) throw new Failure(`argument after * must be iterable, not ${typeName(value)}`);
  try {
    for (let item = cursor.next(); item !== undefined; item = cursor.next()) args.push(item);
    checkElements(args.length);
  } finally {
    cursor.close();
  }
}

function spreadKeywords(fn: Value, kwargs: Map<string, Value>, value: Value): void {
  if (!(value instanceof Dict)) throw new Failure(`argument after ** must be a mapping, not ${typeName(value)}`);
  for (const { key, value: item } of value.records()) {
    if (typeof key !== "string") throw new Failure(`keywords must be strings, not ${typeName(key)}`);
    if (kwargs.has(key)) {
      if (fn instanceof StarlarkFunction) throw new Failure(`function ${fn.name} got multiple values for parameter "${key}"`);
      throw new Failure(`got multiple values for keyword argument "${key}"`);
    }
    kwargs.set(key, item);
  }
}
