/** Reads a line of standard input as an order of `messages.ts`, checking all of it, so that nothing half-understood is armed. */
import { isErrnoName } from "../model/errno.ts";
import { isKeyword } from "../model/families.ts";
import type { Action, Endpoint, Rule } from "../model/rule.ts";
import type { Caller, DockerAddress, Order, Target } from "./messages.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An order that can't be understood; `id` is 0 when not even that could be read. */
export class BadOrder extends Error {
  override readonly name = "BadOrder";
  readonly id: number;

  constructor(id: number, message: string) {
    super(message);
    this.id = id;
  }
}

/** Throws BadOrder. */
export function parseOrder(line: string): Order {
  let id = 0;
  try {
    const order = fields(JSON.parse(line), "order");
    id = number(order, "id");
    return read(order, id);
  } catch (error) {
    throw new BadOrder(id, error instanceof Error ? error.message : String(error));
  }
}

function read(order: Fields, id: number): Order {
  const name = text(order, "order");
  switch (name) {
    case "begin":
      return { order: name, id, owner: number(order, "owner"), label: text(order, "label"), docker: docker(order["docker"]) };
    case "probe":
      return { order: name, id };
    case "arm":
      return {
        order: name,
        id,
        rules: list(order, "rules", rule),
        targets: list(order, "targets", target),
        callers: list(order, "callers", caller),
      };
    case "disarm":
      return { order: name, id, rules: texts(order, "rules") };
    case "connections":
      return { order: name, id, target: target(order["target"]), to: list(order, "to", endpoint) };
    default:
      throw new Error(`no order "${name}"`);
  }
}

function rule(value: unknown): Rule {
  const from = fields(value, "rule");
  const keyword = text(from, "keyword");
  if (!isKeyword(keyword)) throw new Error(`no keyword "${keyword}"`);
  const established = text(from, "established");
  if (established !== "reset" && established !== "keep") throw new Error(`established is "reset" or "keep", not "${established}"`);
  return {
    id: text(from, "id"),
    fault: text(from, "fault"),
    service: text(from, "service"),
    keyword,
    action: action(from["action"]),
    ...(from["to"] === undefined ? {} : { to: list(from, "to", endpoint) }),
    established,
  };
}

function action(value: unknown): Action {
  const from = fields(value, "action");
  const kind = text(from, "kind");
  switch (kind) {
    case "deny": {
      const errno = text(from, "errno");
      if (!isErrnoName(errno)) throw new Error(`no errno "${errno}"`);
      return { kind, errno };
    }
    case "delay": {
      const ms = number(from, "ms");
      if (ms < 0) throw new Error(`a delay of ${ms} ms`);
      return { kind, ms };
    }
    default:
      throw new Error(`no action "${kind}"`);
  }
}

function endpoint(value: unknown): Endpoint {
  const from = fields(value, "endpoint");
  return { service: text(from, "service"), addresses: texts(from, "addresses"), port: number(from, "port") };
}

function target(value: unknown): Target {
  const from = fields(value, "target");
  return { service: text(from, "service"), pid: number(from, "pid"), addresses: texts(from, "addresses") };
}

function caller(value: unknown): Caller {
  const from = fields(value, "caller");
  const known = { service: text(from, "service"), addresses: texts(from, "addresses") };
  return from["pid"] === undefined ? known : { ...known, pid: number(from, "pid") };
}

function docker(value: unknown): DockerAddress {
  if (value === null) return null;
  const from = fields(value, "docker");
  return from["socketPath"] === undefined
    ? { host: text(from, "host"), port: number(from, "port") }
    : { socketPath: text(from, "socketPath") };
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is not an object`);
  return Object.fromEntries(Object.entries(value));
}

function text(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value !== "string") throw new Error(`${name} is not a text`);
  return value;
}

function number(from: Fields, name: string): number {
  const value = from[name];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`${name} is not a number`);
  return value;
}

function list<T>(from: Fields, name: string, read: (value: unknown) => T): T[] {
  const value = from[name];
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value.map((entry: unknown) => read(entry));
}

function texts(from: Fields, name: string): string[] {
  return list(from, name, (value) => {
    if (typeof value !== "string") throw new Error(`${name} holds something that is not a text`);
    return value;
  });
}
