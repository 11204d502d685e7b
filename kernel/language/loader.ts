/** The usual way to answer `load`: reads files through the host, runs each once, freezes it, refuses cycles. */
import { Failure } from "./errors.ts";
import { freeze } from "./freeze.ts";
import { Module } from "./module.ts";
import { standardModules } from "./modules/standard.ts";
import { FILE_OPTIONS } from "./options.ts";
import { run } from "./run.ts";
import type { Source } from "./source.ts";
import type { Thread, ThreadOptions } from "./thread.ts";
import type { Value } from "./value.ts";

export interface LoaderOptions {
  /**
   * The text of the file that a `load` in the file `from` names. Its name identifies the module: two that agree are one.
   * May yield effects, as a host function does.
   */
  readonly read: (name: string, from: string) => Generator<unknown, Source, unknown>;
  /** Names that loaded files know besides the universe. */
  readonly predeclared?: ReadonlyMap<string, Value>;
}

/** A function for `ThreadOptions.load`. The names `json`, `math` and `time` mean the modules of that name. */
export function loader({ read, predeclared = new Map() }: LoaderOptions): NonNullable<ThreadOptions["load"]> {
  const loaded = new Map<string, Module>();
  const loading: string[] = [];

  return function* (name: string, thread: Thread): Generator<unknown, Module, unknown> {
    const standard = standardModules.get(name);
    if (standard !== undefined) return standard;
    const source = yield* read(name, thread.position()?.file ?? "");
    const known = loaded.get(source.name);
    if (known !== undefined) return known;
    if (loading.includes(source.name)) {
      throw new Failure(`cycle in load graph: ${[...loading.slice(loading.indexOf(source.name)), source.name].join(" -> ")}`);
    }

    const module = new Module(source.name);
    loading.push(source.name);
    try {
      yield* run(source, module, predeclared, FILE_OPTIONS, thread.fork());
    } finally {
      loading.splice(loading.indexOf(source.name), 1);
      for (const value of module.globals.values()) freeze(value);
    }
    loaded.set(source.name, module);
    return module;
  };
}
