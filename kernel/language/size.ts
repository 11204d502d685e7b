/** How large a single value may become. What lies below is made in milliseconds, so that a program can always be stopped. */
import { Failure } from "./errors.ts";

/** Elements of a list, tuple, dict or set. */
export const ELEMENTS_MAX = 1 << 22;
/** Code units of a string, bytes of a bytes value. */
export const TEXT_MAX = 1 << 26;

export function checkElements(count: number): void {
  if (count > ELEMENTS_MAX) throw new Failure(`value too large (${count} elements, limit is ${ELEMENTS_MAX})`);
}

export function checkText(length: number): void {
  if (length > TEXT_MAX) throw new Failure(`value too large (${length} bytes, limit is ${TEXT_MAX})`);
}
