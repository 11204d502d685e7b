/** Floats as decimal texts, rounded and spelled as Go's strconv does. */

/** The shortest text that denotes the float, with a point or an exponent so that it is never taken for an int. */
export function shortest(value: number): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  const [digits, exponent] = shortestDigits(value);
  if (exponent < -4 || exponent >= 6) return sign(value) + scientific(digits, exponent);
  if (exponent < 0) return `${sign(value)}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign(value)}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/** As %e (six decimals and an exponent), %f (six decimals) or %g (shortest); upper case for upper-case letters. */
export function formatFloat(value: number, conversion: "e" | "f" | "g" | "E" | "F" | "G"): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  switch (conversion) {
    case "e":
    case "E": {
      const [digits, exponent] = value === 0 ? (["0", 0] as const) : exactDigits(Math.abs(value));
      const [rounded, carried] = round(digits, 7);
      const text = sign(value) + scientific(rounded.slice(0, 7).padEnd(7, "0"), exponent + carried);
      return conversion === "E" ? text.toUpperCase() : text;
    }
    case "f":
    case "F": {
      const [digits, exponent] = value === 0 ? (["0", 0] as const) : exactDigits(Math.abs(value));
      return sign(value) + fixed(digits, exponent);
    }
    case "g":
      return shortest(value);
    case "G":
      return shortest(value).toUpperCase();
  }
}

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? undefined : value > 0 ? "+inf" : "-inf";
}

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** 1.23e+04 from the digits 123 and the exponent 4. */
function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${digits.charAt(0)}${fraction}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** The fewest digits that denote the float, and the exponent of the first. */
function shortestDigits(value: number): [digits: string, exponent: number] {
  const [mantissa = "0", exponent = "0"] = Math.abs(value).toExponential().split("e");
  return [mantissa.replace(".", ""), Number(exponent)];
}

/** All digits of the float's exact value. */
function exactDigits(value: number): [digits: string, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const power = (biased === 0 ? 1 : biased) - 1075;
  const scaled = power >= 0 ? mantissa << BigInt(power) : mantissa * 5n ** BigInt(-power);
  const text = scaled.toString();
  return [text.replace(/0+$/, ""), text.length - 1 + Math.min(0, power)];
}

/** Rounds digits to a number of them, half to even; `carried` is 1 when that made one more. */
function round(digits: string, count: number): [digits: string, carried: 0 | 1] {
  if (count < 0) return ["0", 0];
  if (digits.length <= count) return [digits, 0];
  const kept = count === 0 ? "0" : digits.slice(0, count);
  const next = digits.charAt(count);
  const tie = next === "5" && digits.length === count + 1;
  const up = tie ? Number(kept.at(-1)) % 2 === 1 : next >= "5";
  const rounded = up ? (BigInt(kept) + 1n).toString().padStart(kept.length, "0") : kept;
  return [rounded, rounded.length > count ? 1 : 0];
}

const DECIMALS = 6;

function fixed(digits: string, exponent: number): string {
  const count = exponent + 1 + DECIMALS;
  const [rounded] = round(digits, count);
  const all = (count > 0 ? rounded.padEnd(count, "0") : rounded).padStart(DECIMALS + 1, "0");
  return `${all.slice(0, -DECIMALS)}.${all.slice(-DECIMALS)}`;
}
