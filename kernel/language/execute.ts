/** Executes statements, with the same two halves as `evaluate.ts`: at once, or as a computation. */
import type { Activation } from "./activation.ts";
import { assignAtOnce, assign, augmentAtOnce, augment } from "./assign.ts";
import { iterate } from "./comprehend.ts";
import { Cancelled, Failure } from "./errors.ts";
import { evaluateAtOnce, evaluate } from "./evaluate.ts";
import { makeFunction, evaluateDefaults, defaultsAtOnce } from "./function.ts";
import { didYouMean } from "./spell.ts";
import type { For, Load, Statement, While } from "./tree.ts";
import { isSuspension, truth } from "./value.ts";
import { store } from "./variables.ts";

/** How a statement ended. */
type Completion = typeof DONE | typeof BREAK | typeof CONTINUE | typeof RETURN;
const DONE = 0;
const BREAK = 1;
const CONTINUE = 2;
const RETURN = 3;

export function executeAtOnce(a: Activation, statements: readonly Statement[]): Completion {
  a.thread.budget -= statements.length;
  for (const statement of statements) {
    const completion = executeOneAtOnce(a, statement);
    if (completion !== DONE) return completion;
  }
  return DONE;
}

function executeOneAtOnce(a: Activation, statement: Statement): Completion {
  switch (statement.kind) {
    case "expression":
      evaluateAtOnce(a, statement.expression);
      return DONE;
    case "assign":
      if (statement.target.kind === "name") store(a, statement.target, evaluateAtOnce(a, statement.value));
      else assignAtOnce(a, statement.target, evaluateAtOnce(a, statement.value), statement.at);
      return DONE;
    case "augment":
      augmentAtOnce(a, statement);
      return DONE;
    case "if":
      for (const { condition, body } of statement.arms) if (truth(evaluateAtOnce(a, condition))) return executeAtOnce(a, body);
      return executeAtOnce(a, statement.otherwise);
    case "return":
      a.result = statement.value === undefined ? null : evaluateAtOnce(a, statement.value);
      return RETURN;
    case "branch":
      return statement.word === "pass" ? DONE : statement.word === "break" ? BREAK : CONTINUE;
    case "def":
      store(a, statement.name, makeFunction(a, statement.code, defaultsAtOnce(a, statement.code)));
      return DONE;
    case "for":
    case "while":
    case "load":
      throw new Failure("internal error: executed at once what may suspend");
  }
}

export function* execute(a: Activation, statements: readonly Statement[]): Generator<unknown, Completion, unknown> {
  const { thread } = a;
  for (const statement of statements) {
    thread.budget--;
    let completion: Completion = DONE;
    if (statement.atOnce) completion = executeOneAtOnce(a, statement);
    else {
      switch (statement.kind) {
        case "expression": {
          const value = evaluate(a, statement.expression);
          if (isSuspension(value)) yield* value;
          break;
        }
        case "assign": {
          const evaluated = evaluate(a, statement.value);
          const value = isSuspension(evaluated) ? yield* evaluated : evaluated;
          if (statement.target.atOnce) assignAtOnce(a, statement.target, value, statement.at);
          else yield* assign(a, statement.target, value, statement.at);
          break;
        }
        case "augment":
          yield* augment(a, statement);
          break;
        case "if": {
          let body = statement.otherwise;
          for (const arm of statement.arms) {
            const condition = evaluate(a, arm.condition);
            if (!truth(isSuspension(condition) ? yield* condition : condition)) continue;
            body = arm.body;
            break;
          }
          completion = yield* execute(a, body);
          break;
        }
        case "for":
          completion = yield* executeFor(a, statement);
          break;
        case "while":
          completion = yield* executeWhile(a, statement);
          break;
        case "return": {
          const value = statement.value === undefined ? null : evaluate(a, statement.value);
          a.result = isSuspension(value) ? yield* value : value;
          completion = RETURN;
          break;
        }
        case "def":
          store(a, statement.name, makeFunction(a, statement.code, yield* evaluateDefaults(a, statement.code)));
          break;
        case "load":
          yield* load(a, statement);
          break;
        case "branch":
          break;
      }
    }
    if (completion !== DONE) return completion;
  }
  return DONE;
}

function* executeFor(a: Activation, statement: For): Generator<unknown, Completion, unknown> {
  const { thread } = a;
  const { targets, body, bodyAtOnce } = statement;
  const iterable = evaluate(a, statement.iterable);
  const cursor = iterate(a, isSuspension(iterable) ? yield* iterable : iterable, statement.start);
  try {
    for (let item = cursor.next(); item !== undefined; item = cursor.next()) {
      if (--thread.budget < 0) yield* thread.tick();
      if (targets.kind === "name") store(a, targets, item);
      else if (targets.atOnce) assignAtOnce(a, targets, item, statement.start);
      else yield* assign(a, targets, item, statement.start);
      const completion = bodyAtOnce ? executeAtOnce(a, body) : yield* execute(a, body);
      if (completion === BREAK) break;
      if (completion === RETURN) return RETURN;
    }
  } finally {
    cursor.close();
  }
  return DONE;
}

function* executeWhile(a: Activation, statement: While): Generator<unknown, Completion, unknown> {
  const { thread } = a;
  for (;;) {
    if (--thread.budget < 0) yield* thread.tick();
    const condition = evaluate(a, statement.condition);
    if (!truth(isSuspension(condition) ? yield* condition : condition)) return DONE;
    const completion = yield* execute(a, statement.body);
    if (completion === BREAK) return DONE;
    if (completion === RETURN) return RETURN;
  }
}

function* load(a: Activation, statement: Load): Generator<unknown, void, unknown> {
  const { thread } = a;
  a.at = statement.start;
  const { options } = thread;
  if (options.load === undefined) throw new Failure("load not implemented by this application");
  let module;
  try {
    module = yield* options.load(statement.module, thread);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    throw new Failure(`cannot load ${statement.module}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  for (const { local, name } of statement.bindings) {
    const value = module.globals.get(name);
    if (value === undefined) {
      throw new Failure(`load: name ${name} not found in module ${statement.module}${didYouMean(name, module.globals.keys())}`);
    }
    store(a, local, value);
  }
}
