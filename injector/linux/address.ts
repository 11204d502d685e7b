/** Addresses of our own memory as numbers, for calls that are made so often that looking an array up each time would show. */
import koffi from "koffi";

/** The address of an array over an ArrayBuffer of its own: that is never moved, unlike the elements of a small array without. */
export function addressOf(array: ArrayBufferView<ArrayBuffer>): number {
  return Number(koffi.address(array));
}
