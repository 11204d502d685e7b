/** A declared service and its interfaces as values of the language: `api.post(…)`, `db.main.internal_addr`. */
import type { Interface, Service } from "../../model/declaration.ts";
import type { Json } from "../../model/json.ts";
import { Problem } from "../../model/problem.ts";
import { builtin, HostValue, repr, toJson } from "../language/index.ts";
import type { Arguments, Builtin, Value } from "../language/index.ts";
import { ask } from "./effects.ts";
import { ResponseValue } from "./response.ts";

/** For each protocol, its methods with their parameters as `builtin` takes them. */
export type Steps = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

export class InterfaceValue extends HostValue {
  override readonly type = "interface";
  readonly interface: Interface;
  readonly #service: string | undefined;
  readonly #steps: Steps;

  /** Without a service it is only declared; `service(…)` binds it. */
  constructor(service: string | undefined, declared: Interface, steps: Steps) {
    super();
    this.#service = service;
    this.interface = declared;
    this.#steps = steps;
  }

  override attrNames(): readonly string[] {
    return ["host", "internal_addr", "name", "port", "protocol", ...this.methods()];
  }

  methods(): readonly string[] {
    return [...(this.#steps.get(this.interface.protocol)?.keys() ?? [])];
  }

  override attr(name: string): Value | undefined {
    switch (name) {
      case "name":
        return this.interface.name;
      case "protocol":
        return this.interface.protocol;
      case "port":
        return this.interface.port;
      case "host":
        return this.#bound();
      case "internal_addr":
        return `${this.#bound()}:${this.interface.port}`;
      default:
        return this.#step(name);
    }
  }

  #bound(): string {
    if (this.#service !== undefined) return this.#service;
    throw new Problem(
      "UNBOUND_INTERFACE",
      "spec",
      `interface "${this.interface.name}" belongs to no service yet`,
      "Pass it to service(…) and read it from there: db.main.internal_addr.",
    );
  }

  #step(method: string): Builtin | undefined {
    const parameters = this.#steps.get(this.interface.protocol)?.get(method);
    if (parameters === undefined) return undefined;
    const service = this.#bound();
    const declared = this.interface;
    return builtin(`${service}.${method}`, parameters, function* (args) {
      return new ResponseValue(yield* ask<"probe">({ kind: "probe", service, interface: declared, method, args: given(parameters, args) }));
    });
  }

  override repr(): string {
    return `interface(${repr(this.interface.name)}, ${repr(this.interface.protocol)}, ${this.interface.port})`;
  }
}

/** The arguments that were given, as JSON. */
function given(parameters: readonly string[], args: Arguments): Readonly<Record<string, Json>> {
  const found: Record<string, Json> = {};
  for (const parameter of parameters) {
    const name = parameter.replace(/\?$/, "");
    const value = args.get(name) ?? null;
    if (value !== null) found[name] = toJson(value);
  }
  return found;
}

export class ServiceValue extends HostValue {
  override readonly type = "service";
  readonly service: Service;
  readonly #interfaces: ReadonlyMap<string, InterfaceValue>;

  constructor(service: Service, steps: Steps) {
    super();
    this.service = service;
    this.#interfaces = new Map(service.interfaces.map((one) => [one.name, new InterfaceValue(service.name, one, steps)]));
  }

  /** The interface that lends its methods: the only one, or the one named "default". */
  #lender(): InterfaceValue | undefined {
    if (this.#interfaces.size === 1) return [...this.#interfaces.values()][0];
    return this.#interfaces.get("default");
  }

  override attrNames(): readonly string[] {
    return ["name", ...this.#interfaces.keys(), ...(this.#lender()?.methods() ?? [])];
  }

  override attr(name: string): Value | undefined {
    if (name === "name") return this.service.name;
    const own = this.#interfaces.get(name);
    if (own !== undefined) return own;
    const lender = this.#lender();
    return lender?.methods().includes(name) === true ? lender.attr(name) : undefined;
  }

  override equals(other: Value): boolean {
    return other instanceof ServiceValue && other.service.name === this.service.name;
  }

  override hash(): string {
    return `service ${this.service.name}`;
  }

  override repr(): string {
    return `service(${repr(this.service.name)})`;
  }
}
