/** Methods of bytes. */
import { ByteElements } from "../values/elements.ts";
import { Bytes } from "../values/bytes.ts";
import { table } from "./table.ts";

export const BYTES_METHODS = table((value) => value instanceof Bytes, {
  elems: { arity: [0, 0], run: (bytes) => new ByteElements(bytes) },
});
