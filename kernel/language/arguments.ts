/** Functions that the host brings along: parameters as a list of names, arguments by name. */
import { Failure } from "./errors.ts";
import { didYouMean } from "./spell.ts";
import type { Thread } from "./thread.ts";
import type { Suspension, Value } from "./value.ts";
import type { Keywords } from "./values/builtin.ts";
import { Builtin } from "./values/builtin.ts";

/** What a built-in was called with. */
export class Arguments {
  readonly #function: string;
  readonly #places: ReadonlyMap<string, number>;
  readonly #values: readonly (Value | undefined)[];
  /** Positional arguments beyond the parameters, when there is a `*rest`. */
  readonly rest: readonly Value[];
  /** Named arguments that are no parameters, when there is a `**extra`. */
  readonly extra: ReadonlyMap<string, Value>;

  constructor(
    fn: string,
    places: ReadonlyMap<string, number>,
    values: readonly (Value | undefined)[],
    rest: readonly Value[],
    extra: ReadonlyMap<string, Value>,
  ) {
    this.#function = fn;
    this.#places = places;
    this.#values = values;
    this.rest = rest;
    this.extra = extra;
  }

  /** The argument for a parameter, undefined when it was left out. Throws for what is no parameter of the function. */
  get(name: string): Value | undefined {
    const place = this.#places.get(name);
    if (place === undefined) throw new Failure(`internal error: ${this.#function} has no parameter ${name}`);
    return this.#values[place];
  }
}

export type Body = (args: Arguments, thread: Thread) => Value | Suspension;

/** Parameters taken apart. */
interface Signature {
  readonly names: readonly string[];
  readonly required: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  /** How many may be given by position. */
  readonly positional: number;
  readonly hasRest: boolean;
  readonly hasExtra: boolean;
}

/**
 * Makes a function for the language. In `params`, "x" must be given, "x?" may be; after "*" all are given by name only;
 * "*rest" takes further positional arguments and "**extra" further named ones. A body that is a generator may yield effects:
 * they go out to the driver unchanged, and what the driver gives to `next` is the answer. `doc` is for help.
 */
export function builtin(name: string, params: readonly string[], body: Body, doc?: string): Builtin {
  const signature = parseParameters(params);
  return new Builtin(name, (thread, args, kwargs) => body(bind(name, signature, args, kwargs), thread), { doc, parameters: params });
}

function parseParameters(params: readonly string[]): Signature {
  const star = params.findIndex((param) => param.startsWith("*") && !param.startsWith("**"));
  const isPlain = (param: string): boolean => !param.startsWith("*");
  const plain = params.filter(isPlain);
  const names = plain.map((param) => param.replace("?", ""));
  return {
    names,
    required: plain.filter((param) => !param.endsWith("?")),
    places: new Map(names.map((name, place) => [name, place])),
    positional: star < 0 ? plain.length : params.slice(0, star).filter(isPlain).length,
    hasRest: star >= 0 && params[star] !== "*",
    hasExtra: params.some((param) => param.startsWith("**")),
  };
}

function bind(name: string, signature: Signature, args: readonly Value[], kwargs: Keywords): Arguments {
  const { names, required, places, positional, hasRest, hasExtra } = signature;
  if (args.length > positional && !hasRest) {
    throw new Failure(`${name}: got ${args.length} arguments, want at most ${positional}`, keywordHint(names, positional));
  }
  const values: (Value | undefined)[] = args.slice(0, positional);
  const extra = new Map<string, Value>();
  for (const [keyword, value] of kwargs) {
    const place = places.get(keyword);
    if (place !== undefined) {
      if (values[place] !== undefined) throw new Failure(`${name}: got multiple values for keyword argument "${keyword}"`);
      values[place] = value;
    } else if (hasExtra) extra.set(keyword, value);
    else throw new Failure(`${name}: unexpected keyword argument "${keyword}"${didYouMean(keyword, names)}`);
  }
  for (const parameter of required) {
    if (values[places.get(parameter) ?? -1] === undefined) throw new Failure(`${name}: missing argument for ${parameter}`);
  }
  return new Arguments(name, places, values, args.slice(positional), extra);
}

function keywordHint(names: readonly string[], positional: number): { hint?: string } {
  const byName = names.slice(positional);
  return byName.length === 0 ? {} : { hint: `by name: ${byName.map((name) => `${name} = …`).join(", ")}` };
}
