/** Methods of lists. */
import { equals } from "../compare.ts";
import { Failure } from "../errors.ts";
import { extend, indices, inRange } from "../operators.ts";
import { checkElements } from "../size.ts";
import { forParameter, wantInt, wantIterable } from "../unpack.ts";
import { itemAt } from "../value.ts";
import { List } from "../values/list.ts";
import { table } from "./table.ts";

export const LIST_METHODS = table((value) => value instanceof List, {
  append: {
    arity: [1, 1],
    run(list, args) {
      list.append(itemAt(args, 0));
      checkElements(list.length);
      return null;
    },
  },
  clear: {
    arity: [0, 0],
    run(list) {
      list.checkMutable("clear");
      list.items.length = 0;
      return null;
    },
  },
  extend: {
    arity: [1, 1],
    run(list, args) {
      const values = forParameter("extend", 1, () => wantIterable(itemAt(args, 0)));
      list.checkMutable("extend");
      extend(list, values);
      return null;
    },
  },
  index: {
    arity: [1, 3],
    run(list, args) {
      const [start, end] = indices(args[1], args[2], list.length);
      const wanted = itemAt(args, 0);
      for (let i = start; i < end; i++) if (equals(itemAt(list.items, i), wanted)) return i;
      throw new Failure("value not in list");
    },
  },
  insert: {
    arity: [2, 2],
    run(list, args) {
      const place = forParameter("insert", 1, () => wantInt(itemAt(args, 0)));
      list.checkMutable("insert into");
      list.items.splice(place < 0 ? Math.max(0, place + list.length) : place, 0, itemAt(args, 1));
      return null;
    },
  },
  pop: {
    arity: [0, 1],
    run(list, args) {
      const wanted = args.length === 0 ? list.length - 1 : forParameter("pop", 1, () => wantInt(itemAt(args, 0)));
      const place = inRange(list, list.length, wanted);
      list.checkMutable("pop from");
      if (place < list.length - 1) return itemAt(list.items.splice(place, 1), 0);
      const last = itemAt(list.items, place);
      list.items.pop();
      return last;
    },
  },
  remove: {
    arity: [1, 1],
    run(list, args) {
      list.checkMutable("remove from");
      const wanted = itemAt(args, 0);
      const place = list.items.findIndex((item) => equals(item, wanted));
      if (place < 0) throw new Failure("element not found");
      list.items.splice(place, 1);
      return null;
    },
  },
});
