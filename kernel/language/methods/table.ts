/** How the methods of one type are written down: a function each, and how many arguments it takes. */
import { Failure } from "../errors.ts";
import type { Thread } from "../thread.ts";
import { positional } from "../unpack.ts";
import type { Suspension, Value } from "../value.ts";
import { Builtin } from "../values/builtin.ts";
import type { Keywords } from "../values/builtin.ts";

export type Method<Receiver> = (receiver: Receiver, args: readonly Value[], thread: Thread, kwargs: Keywords) => Value | Suspension;

/** Least and most positional arguments, no keywords; `any` for methods that look at all arguments themselves. */
export type Arity = readonly [least: number, most: number] | "any";

/** `bare` methods give their messages without their name, as one of starlark-go's does. */
export type Methods<Receiver> = Readonly<Record<string, { readonly arity: Arity; readonly bare?: true; readonly run: Method<Receiver> }>>;

/** Builds the methods of a type. `is` tells whether a value is of it; messages begin with the method's name. */
export function table<Receiver extends Value>(
  is: (value: Value) => value is Receiver,
  methods: Methods<Receiver>,
): ReadonlyMap<string, Builtin> {
  const built = new Map<string, Builtin>();
  for (const [name, { arity, bare, run }] of Object.entries(methods)) {
    built.set(
      name,
      new Builtin(name, (thread, args, kwargs, receiver) => {
        if (!is(receiver)) throw new Failure(`internal error: ${name} of another type`);
        if (arity !== "any") positional(name, args, kwargs, arity[0], arity[1]);
        try {
          return run(receiver, args, thread, kwargs);
        } catch (error) {
          throw bare === true ? error : prefixed(name, error);
        }
      }),
    );
  }
  return built;
}

/** A failure whose message begins with a function's name: this one's, unless one is there already. */
export function prefixed(name: string, error: unknown): unknown {
  if (!(error instanceof Failure) || /^[a-z_]+: /.test(error.message) || error.message.startsWith(`${name} `)) return error;
  return new Failure(`${name}: ${error.message}`, error);
}
