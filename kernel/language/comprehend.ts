/** List and dict comprehensions. */
import type { Activation } from "./activation.ts";
import { assignAtOnce, assign } from "./assign.ts";
import { Failure } from "./errors.ts";
import { evaluateAtOnce, evaluate } from "./evaluate.ts";
import { open } from "./iterate.ts";
import type { Cursor } from "./iterate.ts";
import { checkElements } from "./size.ts";
import type { Comprehension, ForClause, IfClause } from "./tree.ts";
import { isSuspension, itemAt, truth, typeName } from "./value.ts";
import type { Suspension, Value } from "./value.ts";
import { Dict } from "./values/dict.ts";
import { List } from "./values/list.ts";

export function* comprehend(a: Activation, e: Comprehension): Suspension {
  const { body } = e;
  if (body.kind === "entry") {
    const dict = new Dict();
    yield* comprehendClause(a, e, 0, function* () {
      const key = evaluate(a, body.key);
      const k = isSuspension(key) ? yield* key : key;
      const value = evaluate(a, body.value);
      const v = isSuspension(value) ? yield* value : value;
      a.at = body.colon;
      dict.set(k, v);
      checkElements(dict.size);
    });
    return dict;
  }
  const items: Value[] = [];
  const { value: item } = body;
  if (item.atOnce) {
    yield* comprehendClause(a, e, 0, () => {
      items.push(evaluateAtOnce(a, item));
      checkElements(items.length);
      return undefined;
    });
  } else {
    yield* comprehendClause(a, e, 0, function* () {
      const value = evaluate(a, item);
      items.push(isSuspension(value) ? yield* value : value);
      checkElements(items.length);
    });
  }
  return new List(items);
}

/** Goes through the `for` clause at a place and the clauses within it; `add` takes in one result. */
function* comprehendClause(
  a: Activation,
  e: Comprehension,
  place: number,
  add: () => Generator<unknown, void, unknown> | undefined,
): Generator<unknown, void, unknown> {
  const clause: ForClause | IfClause = itemAt(e.clauses, place);
  const { thread } = a;
  if (clause.kind === "if") {
    const condition = evaluate(a, clause.condition);
    if (!truth(isSuspension(condition) ? yield* condition : condition)) return;
    if (place + 1 < e.clauses.length) yield* comprehendClause(a, e, place + 1, add);
    else {
      const adding = add();
      if (adding !== undefined) yield* adding;
    }
    return;
  }
  const iterable = evaluate(a, clause.iterable);
  const cursor = iterate(a, isSuspension(iterable) ? yield* iterable : iterable, clause.at);
  const last = place + 1 === e.clauses.length;
  // The usual [… for … if …] needs no computation a round.
  const following = e.clauses[place + 1];
  const filter = place + 2 === e.clauses.length && following?.kind === "if" && following.condition.atOnce ? following.condition : undefined;
  try {
    for (let item = cursor.next(); item !== undefined; item = cursor.next()) {
      if (--thread.budget < 0) yield* thread.tick();
      if (clause.targets.atOnce) assignAtOnce(a, clause.targets, item, clause.at);
      else yield* assign(a, clause.targets, item, clause.at);
      if (last || filter !== undefined) {
        if (filter !== undefined && !truth(evaluateAtOnce(a, filter))) continue;
        const adding = add();
        if (adding !== undefined) yield* adding;
      } else yield* comprehendClause(a, e, place + 1, add);
    }
  } finally {
    cursor.close();
  }
}

export function iterate(a: Activation, value: Value, at: number): Cursor {
  a.at = at;
  const cursor = open(value);
  if (cursor === undefined) throw new Failure(`${typeName(value)} value is not iterable`);
  return cursor;
}
