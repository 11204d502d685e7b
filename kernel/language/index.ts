/**
 * Starlark, as starlark-go runs it: the door of the language. It does nothing but compute: what a program does to the world
 * are *effects*, yielded by functions of the host and performed by whoever drives the generator.
 *
 *     const thread = new Thread({ print: (text) => console.log(text) });
 *     const cell = run(new Source("cell 1", "wait(2) + 1"), new Module("notebook"), new Map([["wait", wait]]), CELL_OPTIONS, thread);
 *     let step = cell.next();
 *     while (!step.done) step = cell.next(step.value === TICK ? undefined : perform(step.value));
 *
 * Read on in `source.ts`, `scan.ts`, `parse.ts`, `resolve.ts`, `evaluate.ts`, in this order.
 */
export { Arguments, builtin } from "./arguments.ts";
export type { Body } from "./arguments.ts";
export { attributeNames, findAttribute } from "./attribute.ts";
export { compare, equals } from "./compare.ts";
export { completeness } from "./complete.ts";
export type { Completeness } from "./complete.ts";
export { Cancelled, StarlarkError } from "./errors.ts";
export type { Diagnostic, Frame } from "./errors.ts";
export { freeze } from "./freeze.ts";
export { fromJson, toJson } from "./json.ts";
export type { Json } from "./json.ts";
export { loader } from "./loader.ts";
export type { LoaderOptions } from "./loader.ts";
export { Module } from "./module.ts";
export { standardModules } from "./modules/standard.ts";
export { CELL_OPTIONS, FILE_OPTIONS } from "./options.ts";
export type { Options } from "./options.ts";
export { parse } from "./parse.ts";
export { repr, str } from "./repr.ts";
export { check, run } from "./run.ts";
export { snippet, Source } from "./source.ts";
export type { Position } from "./source.ts";
export { DEFAULT_LIMITS, Thread, TICK } from "./thread.ts";
export type { Limits, ThreadOptions } from "./thread.ts";
export { universe } from "./universe.ts";
export { HostValue, truth, typeName } from "./value.ts";
export type { Suspension, Value } from "./value.ts";
export { Builtin } from "./values/builtin.ts";
export { Bytes } from "./values/bytes.ts";
export { Dict } from "./values/dict.ts";
export { Float } from "./values/float.ts";
export { StarlarkFunction } from "./values/function.ts";
export { List } from "./values/list.ts";
export { Range } from "./values/range.ts";
export { StarlarkSet } from "./values/set.ts";
export { Struct } from "./values/struct.ts";
export { Tuple } from "./values/tuple.ts";
