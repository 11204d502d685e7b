/** Ints of any size: a number while it is a safe integer, a bigint beyond. Every result is brought back to that form. */
import { Failure } from "./errors.ts";

export type Int = number | bigint;

/** The largest int has this many bits (a megabyte of decimal digits or so): beyond, one product could stop everything. */
const BITS_MAX = 1 << 22;
const LARGEST = 1n << BigInt(BITS_MAX);
const SMALLEST = -LARGEST;

/** A bigint in the form of the language. */
export function int(value: bigint): Int {
  if (value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  if (value > LARGEST || value < SMALLEST) throw new Failure(`integer too large (more than ${BITS_MAX} bits)`);
  return value;
}

export function isInt(value: unknown): value is Int {
  return typeof value === "number" || typeof value === "bigint";
}

export function add(x: Int, y: Int): Int {
  if (typeof x === "number" && typeof y === "number") {
    const sum = x + y;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return int(BigInt(x) + BigInt(y));
}

export function subtract(x: Int, y: Int): Int {
  if (typeof x === "number" && typeof y === "number") {
    const difference = x - y;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return int(BigInt(x) - BigInt(y));
}

export function multiply(x: Int, y: Int): Int {
  if (typeof x === "number" && typeof y === "number") {
    const product = x * y;
    if (Number.isSafeInteger(product)) return product + 0; // never -0
  }
  return int(BigInt(x) * BigInt(y));
}

/** Quotient rounded towards negative infinity. */
export function floorDivide(x: Int, y: Int): Int {
  if (typeof x === "number" && typeof y === "number") {
    const remainder = x % y;
    const quotient = (x - remainder) / y;
    return (remainder !== 0 && remainder < 0 !== y < 0 ? quotient - 1 : quotient) + 0;
  }
  const [a, b] = [BigInt(x), BigInt(y)];
  const remainder = a % b;
  return int(remainder !== 0n && remainder < 0n !== b < 0n ? a / b - 1n : a / b);
}

/** Remainder with the sign of the divisor. */
export function modulo(x: Int, y: Int): Int {
  if (typeof x === "number" && typeof y === "number") {
    const remainder = x % y;
    return (remainder !== 0 && remainder < 0 !== y < 0 ? remainder + y : remainder) + 0;
  }
  const b = BigInt(y);
  const remainder = BigInt(x) % b;
  return int(remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder);
}

export function negate(x: Int): Int {
  return typeof x === "number" ? 0 - x : int(-x);
}

export function complement(x: Int): Int {
  return typeof x === "number" ? -1 - x : int(~x);
}

export function bitwise(operator: "&" | "|" | "^", x: Int, y: Int): Int {
  if (typeof x === "number" && typeof y === "number" && x === (x | 0) && y === (y | 0)) {
    return operator === "&" ? x & y : operator === "|" ? x | y : x ^ y;
  }
  const [a, b] = [BigInt(x), BigInt(y)];
  return int(operator === "&" ? a & b : operator === "|" ? a | b : a ^ b);
}

export function shift(operator: "<<" | ">>", x: Int, count: number): Int {
  if (count < 0) throw new Failure(`negative shift count: ${count}`);
  if (operator === ">>") return int(BigInt(x) >> BigInt(count));
  if (count >= 512) throw new Failure(`shift count too large: ${count}`);
  return int(BigInt(x) << BigInt(count));
}

/** The nearest float; throws when the int is beyond all floats. */
export function toFloat(x: Int): number {
  const value = Number(x);
  if (!Number.isFinite(value)) throw new Failure("int too large to convert to float");
  return value;
}

/** A finite float cut off towards zero. */
export function truncate(value: number): Int {
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : int(BigInt(whole));
}

/** Order of an int and a float by their exact values; NaN is above everything. */
export function compareWithFloat(x: Int, value: number): number {
  if (Number.isNaN(value)) return -1;
  return x < value ? -1 : x > value ? 1 : 0;
}

/** The int that digits without sign or prefix denote in a base from 2 to 36; undefined when they don't. */
export function parseDigits(digits: string, base: number): Int | undefined {
  if (digits === "") return undefined;
  for (const digit of digits.toLowerCase()) {
    const worth = digit >= "0" && digit <= "9" ? digit.charCodeAt(0) - 48 : digit >= "a" && digit <= "z" ? digit.charCodeAt(0) - 87 : base;
    if (worth >= base) return undefined;
  }
  const near = parseInt(digits, base);
  if (Number.isSafeInteger(near)) return near;
  if (base === 10) return int(BigInt(digits));
  if (base === 16) return int(BigInt(`0x${digits}`));
  if (base === 8) return int(BigInt(`0o${digits}`));
  if (base === 2) return int(BigInt(`0b${digits}`));
  return int(digitsToBigInt(digits, BigInt(base)));
}

/** By halves, so that the time is not the square of the length. */
function digitsToBigInt(digits: string, base: bigint): bigint {
  if (digits.length <= 10) return BigInt(parseInt(digits, Number(base)));
  const low = digits.length >> 1;
  return digitsToBigInt(digits.slice(0, -low), base) * base ** BigInt(low) + digitsToBigInt(digits.slice(-low), base);
}
