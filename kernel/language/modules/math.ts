/** The module `math`: functions of floats; ints are taken too. */
import { Failure } from "../errors.ts";
import { isInt, truncate } from "../integer.ts";
import { forParameter, positional } from "../unpack.ts";
import type { Value } from "../value.ts";
import { itemAt, typeName } from "../value.ts";
import { Builtin } from "../values/builtin.ts";
import { Float } from "../values/float.ts";

export const mathMembers: ReadonlyMap<string, Value> = new Map<string, Value>([
  rounding("ceil", Math.ceil),
  rounding("floor", Math.floor),
  of("fabs", Math.abs),
  of("round", (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5 - (Math.abs(x) === 0.49999999999999994 ? 0.5 : 0))),
  of("exp", Math.exp),
  of("sqrt", Math.sqrt),
  of("acos", Math.acos),
  of("asin", Math.asin),
  of("atan", Math.atan),
  of("cos", Math.cos),
  of("sin", Math.sin),
  of("tan", Math.tan),
  of("degrees", (x) => (360 * x) / (2 * Math.PI)),
  of("radians", (x) => (2 * Math.PI * x) / 360),
  of("acosh", Math.acosh),
  of("asinh", Math.asinh),
  of("atanh", Math.atanh),
  of("cosh", Math.cosh),
  of("sinh", Math.sinh),
  of("tanh", Math.tanh),
  of("gamma", gamma),
  ofTwo("copysign", (x, y) => (isNegative(x) === isNegative(y) ? x : -x)),
  ofTwo("mod", (x, y) => x % y),
  ofTwo("pow", power),
  ofTwo("remainder", remainder),
  ofTwo("atan2", Math.atan2),
  ofTwo("hypot", Math.hypot),
  [
    "log",
    new Builtin(
      "log",
      (_thread, args, kwargs) => {
        positional("log", args, kwargs, 1, 2);
        const x = number("log", args, 0);
        const base = args.length > 1 ? number("log", args, 1) : Math.E;
        if (base === 1) throw new Failure("division by zero");
        return new Float(Math.log(x) / Math.log(base));
      },
      { doc: "math.log(x, base = e): the logarithm" },
    ),
  ],
  ["e", new Float(Math.E)],
  ["pi", new Float(Math.PI)],
]);

function of(name: string, f: (x: number) => number): [string, Builtin] {
  return [
    name,
    new Builtin(name, (_thread, args, kwargs) => {
      positional(name, args, kwargs, 1, 1);
      return new Float(f(number(name, args, 0)));
    }),
  ];
}

function ofTwo(name: string, f: (x: number, y: number) => number): [string, Builtin] {
  return [
    name,
    new Builtin(name, (_thread, args, kwargs) => {
      positional(name, args, kwargs, 2, 2);
      return new Float(f(number(name, args, 0), number(name, args, 1)));
    }),
  ];
}

function rounding(name: string, f: (x: number) => number): [string, Builtin] {
  return [
    name,
    new Builtin(name, (_thread, args, kwargs) => {
      positional(name, args, kwargs, 1, 1);
      const x = itemAt(args, 0);
      if (isInt(x)) return x;
      if (!(x instanceof Float)) throw new Failure(`got ${typeName(x)}, want float or int`);
      if (Number.isNaN(x.value)) throw new Failure("cannot convert float NaN to integer");
      if (!Number.isFinite(x.value)) throw new Failure("cannot convert float infinity to integer");
      return truncate(f(x.value));
    }),
  ];
}

function number(name: string, args: readonly Value[], place: number): number {
  return forParameter(name, place + 1, () => {
    const x = itemAt(args, place);
    if (isInt(x)) return Number(x);
    if (x instanceof Float) return x.value;
    throw new Failure(`got ${typeName(x)}, want float or int`);
  });
}

function isNegative(x: number): boolean {
  return x < 0 || Object.is(x, -0);
}

/** As IEEE 754 has it: one to any power, and minus one to an infinite one, is one. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) ? 1 : x ** y;
}

/** The IEEE 754 remainder: of the division rounded to the nearest whole, half to even. */
function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || Number.isNaN(y) || y === 0) return NaN;
  if (!Number.isFinite(y)) return x;
  const divisor = Math.abs(y);
  let rest = Math.abs(x) % (2 * divisor);
  if (rest + rest > divisor) {
    rest -= divisor;
    if (rest + rest >= divisor) rest -= divisor;
  }
  return x < 0 ? -rest : rest;
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Lanczos' approximation with nine terms; whole numbers up to 23! exactly. */
function gamma(x: number): number {
  if (Number.isInteger(x)) {
    if (x <= 0) return x === 0 ? (Object.is(x, -0) ? -Infinity : Infinity) : NaN;
    if (x <= 23) {
      let product = 1;
      for (let i = 2; i < x; i++) product *= i;
      return product;
    }
  }
  if (x === -Infinity) return NaN;
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  if (x > 171.7) return Infinity;
  const t = x + 6.5;
  const [first = 0, ...rest] = LANCZOS;
  const sum = rest.reduce((total, term, i) => total + term / (x + i), first);
  return Math.sqrt(2 * Math.PI) * t ** ((x - 0.5) / 2) * Math.exp(-t) * t ** ((x - 0.5) / 2) * sum;
}
