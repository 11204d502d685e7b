/** The modules that `load` knows by name, each with one value of that name: load("json", "json"). */
import { freeze } from "../freeze.ts";
import { Module } from "../module.ts";
import { HostValue } from "../value.ts";
import type { Value } from "../value.ts";
import { jsonMembers } from "./json.ts";
import { mathMembers } from "./math.ts";
import { timeMembers } from "./time.ts";

/** A module as a value: `json.encode`. */
class ModuleValue extends HostValue {
  readonly type = "module";
  readonly #name: string;
  readonly #members: ReadonlyMap<string, Value>;

  constructor(name: string, members: ReadonlyMap<string, Value>) {
    super();
    this.#name = name;
    this.#members = members;
  }

  override attr(name: string): Value | undefined {
    return this.#members.get(name);
  }

  override attrNames(): readonly string[] {
    return [...this.#members.keys()];
  }

  override parts(): Iterable<Value> {
    return this.#members.values();
  }

  repr(): string {
    return `<module "${this.#name}">`;
  }
}

function standard(name: string, members: ReadonlyMap<string, Value>): [string, Module] {
  const module = new Module(name);
  const value = new ModuleValue(name, members);
  freeze(value);
  module.globals.set(name, value);
  return [name, module];
}

export const standardModules: ReadonlyMap<string, Module> = new Map([
  standard("json", jsonMembers),
  standard("math", mathMembers),
  standard("time", timeMembers),
]);
