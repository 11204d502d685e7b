/** Assignment to names, elements and sequences of targets, plain and augmented. */
import type { Activation } from "./activation.ts";
import { attribute } from "./attribute.ts";
import { Failure } from "./errors.ts";
import { evaluateAtOnce, evaluateAll } from "./evaluate.ts";
import { lengthOf, open } from "./iterate.ts";
import { addInPlace, arithmetic, index, setIndex, uniteInPlace } from "./operators.ts";
import type { Augment, Expression } from "./tree.ts";
import { itemAt, typeName } from "./value.ts";
import type { Value } from "./value.ts";
import { List } from "./values/list.ts";
import { Tuple } from "./values/tuple.ts";
import { lookup, store } from "./variables.ts";

export function assignAtOnce(a: Activation, target: Expression, value: Value, at: number): void {
  switch (target.kind) {
    case "name":
      store(a, target, value);
      break;
    case "tuple":
    case "list": {
      a.at = at;
      const values = unpack(value, target.items.length);
      for (let i = 0; i < target.items.length; i++) assignAtOnce(a, itemAt(target.items, i), itemAt(values, i), at);
      break;
    }
    case "index": {
      const object = evaluateAtOnce(a, target.object);
      const key = evaluateAtOnce(a, target.index);
      a.at = target.at;
      setIndex(object, key, value);
      break;
    }
    case "dot": {
      const object = evaluateAtOnce(a, target.object);
      a.at = target.at;
      refuseField(object, target.name);
      break;
    }
    default:
      throw new Failure(`internal error: assignment to ${target.kind}`);
  }
}

export function* assign(a: Activation, target: Expression, value: Value, at: number): Generator<unknown, void, unknown> {
  if (target.atOnce) {
    assignAtOnce(a, target, value, at);
    return;
  }
  switch (target.kind) {
    case "tuple":
    case "list": {
      a.at = at;
      const values = unpack(value, target.items.length);
      for (let i = 0; i < target.items.length; i++) yield* assign(a, itemAt(target.items, i), itemAt(values, i), at);
      break;
    }
    case "index": {
      const [object, key] = yield* evaluateAll(a, [target.object, target.index]);
      a.at = target.at;
      setIndex(object ?? null, key ?? null, value);
      break;
    }
    case "dot": {
      const [object] = yield* evaluateAll(a, [target.object]);
      a.at = target.at;
      refuseField(object ?? null, target.name);
      break;
    }
    default:
      throw new Failure(`internal error: assignment to ${target.kind}`);
  }
}

function refuseField(object: Value, name: string): never {
  throw new Failure(`can't assign to .${name} field of ${typeName(object)}`);
}

/** The elements of a value that must have exactly so many. */
function unpack(value: Value, count: number): readonly Value[] {
  if ((value instanceof Tuple || value instanceof List) && value.length === count) return value.items;
  const cursor = open(value);
  if (cursor === undefined) throw new Failure(`got ${typeName(value)} in sequence assignment`);
  try {
    const values: Value[] = [];
    for (let item = cursor.next(); item !== undefined; item = cursor.next()) {
      if (values.length === count) throw new Failure(`too many values to unpack (got ${lengthOf(value) ?? -1}, want ${count})`);
      values.push(item);
    }
    if (values.length < count) throw new Failure(`too few values to unpack (got ${values.length}, want ${count})`);
    return values;
  } finally {
    cursor.close();
  }
}

function augmented(a: Activation, statement: Augment, x: Value, y: Value): Value {
  a.at = statement.at;
  switch (statement.operator) {
    case "+":
      if (typeof x === "number" && typeof y === "number") {
        const sum = x + y;
        if (Number.isSafeInteger(sum)) return sum;
      }
      return addInPlace(x, y);
    case "|":
      return uniteInPlace(x, y);
    default:
      return arithmetic(statement.operator, x, y);
  }
}

export function augmentAtOnce(a: Activation, statement: Augment): void {
  const { target } = statement;
  if (target.kind === "name") {
    const x = lookup(a, target);
    store(a, target, augmented(a, statement, x, evaluateAtOnce(a, statement.value)));
  } else if (target.kind === "index") {
    const object = evaluateAtOnce(a, target.object);
    const key = evaluateAtOnce(a, target.index);
    a.at = target.at;
    const x = index(object, key);
    const sum = augmented(a, statement, x, evaluateAtOnce(a, statement.value));
    a.at = target.at;
    setIndex(object, key, sum);
  } else if (target.kind === "dot") {
    const object = evaluateAtOnce(a, target.object);
    a.at = target.at;
    attribute(object, target.name);
    evaluateAtOnce(a, statement.value);
    refuseField(object, target.name);
  }
}

export function* augment(a: Activation, statement: Augment): Generator<unknown, void, unknown> {
  const { target } = statement;
  if (target.kind === "name") {
    const x = lookup(a, target);
    const [y] = yield* evaluateAll(a, [statement.value]);
    store(a, target, augmented(a, statement, x, y ?? null));
  } else if (target.kind === "index") {
    const [object, key] = yield* evaluateAll(a, [target.object, target.index]);
    a.at = target.at;
    const x = index(object ?? null, key ?? null);
    const [y] = yield* evaluateAll(a, [statement.value]);
    const sum = augmented(a, statement, x, y ?? null);
    a.at = target.at;
    setIndex(object ?? null, key ?? null, sum);
  } else if (target.kind === "dot") {
    const [object] = yield* evaluateAll(a, [target.object]);
    a.at = target.at;
    attribute(object ?? null, target.name);
    yield* evaluateAll(a, [statement.value]);
    refuseField(object ?? null, target.name);
  }
}
