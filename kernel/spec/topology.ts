/** service, interface, health checks, observation and secrets: what there is to break. */
import { isAbsolute, resolve } from "node:path";
import type { Decoder, Healthcheck, Interface, Observation, Service } from "../../model/declaration.ts";
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";
import { builtin, HostValue, repr, str } from "../language/index.ts";
import type { Arguments, Builtin, Value } from "../language/index.ts";
import { duration, list, optionalText, pairs, text, wrongType } from "./arguments.ts";
import type { Declarations } from "./declarations.ts";
import { InterfaceValue, ServiceValue } from "./service.ts";
import type { Steps } from "./service.ts";
import type { Secrets } from "./secrets.ts";

class HealthcheckValue extends HostValue {
  override readonly type = "healthcheck";
  readonly check: Healthcheck;
  constructor(check: Healthcheck) {
    super();
    this.check = check;
  }
  override repr(): string {
    return `healthcheck(${this.check.kind})`;
  }
}

class DecoderValue extends HostValue {
  override readonly type = "decoder";
  readonly decoder: Decoder;
  constructor(decoder: Decoder) {
    super();
    this.decoder = decoder;
  }
  override repr(): string {
    return `decoder(${repr(this.decoder.kind)})`;
  }
}

class ObservationValue extends HostValue {
  override readonly type = "observation";
  readonly observation: Observation;
  constructor(observation: Observation) {
    super();
    this.observation = observation;
  }
  override repr(): string {
    return `observe.${this.observation.stream}()`;
  }
}

/** `observe.stdout(…)`, `observe.stderr(…)`. */
class Observe extends HostValue {
  override readonly type = "observe";
  override attrNames(): readonly string[] {
    return ["stderr", "stdout"];
  }
  override attr(name: string): Value | undefined {
    if (name !== "stdout" && name !== "stderr") return undefined;
    const where = `observe.${name}`;
    return builtin(where, ["decoder?"], (args) => {
      const given = args.get("decoder") ?? null;
      if (given !== null && !(given instanceof DecoderValue))
        throw wrongType(where, "decoder", 'a decoder, such as decoder("json")', given);
      return new ObservationValue({ stream: name, ...(given === null ? {} : { decoder: given.decoder }) });
    });
  }
  override repr(): string {
    return "observe";
  }
}

const DECODERS = ["json", "logfmt", "regex"];
const HEALTH_TIMEOUT_MS = 30_000;
const PORT_MAX = 65_535;

function healthTimeout(where: string, args: Arguments): number {
  const value = args.get("timeout") ?? null;
  return value === null ? HEALTH_TIMEOUT_MS : duration(where, "timeout", value);
}

function port(where: string, value: Value): number {
  if (typeof value !== "number" || value < 1 || value > PORT_MAX) throw wrongType(where, "port", `a port from 1 to ${PORT_MAX}`, value);
  return value;
}

export interface Topology {
  readonly declarations: Declarations;
  readonly secrets: Secrets;
  readonly steps: Steps;
  /** The directory of a text that is evaluated, by its name: relative paths in it are meant from there. */
  directory(file: string): string;
}

export function topology(world: Topology): readonly Builtin[] {
  const { declarations, secrets, steps } = world;

  const interfaceOf = builtin("interface", ["name", "protocol", "port"], (args) => {
    const protocol = text("interface", args, "protocol");
    if (!steps.has(protocol)) {
      const known = [...steps.keys()].join(", ");
      throw new Problem(
        "UNKNOWN_PROTOCOL",
        "spec",
        `interface: no protocol "${protocol}"${didYouMean(protocol, steps.keys())}`,
        `Protocols of this version: ${known}. "tcp" serves for any other.`,
      );
    }
    const name = text("interface", args, "name");
    return new InterfaceValue(undefined, { name, protocol, port: port("interface", args.get("port") ?? null) }, steps);
  });

  const service = builtin(
    "service",
    ["name", "*interfaces", "image?", "build?", "env?", "args?", "depends_on?", "healthcheck?", "observe?"],
    (args, thread) => {
      const file = thread.position()?.file ?? "";
      const name = text("service", args, "name");
      if (!/^[a-z][a-z0-9_-]{0,40}$/.test(name)) {
        throw new Problem(
          "BAD_NAME",
          "spec",
          `service: ${repr(name)} can't be a host name`,
          "Use small letters, digits, - and _, beginning with a letter: it is the name by which other services reach it.",
        );
      }
      const declared: Service = {
        name,
        interfaces: interfaces(args.rest),
        source: source(name, args, world.directory(file)),
        dependsOn: list("service", args, "depends_on").map((value) => dependency(value, declarations)),
        env: Object.fromEntries(pairs("service", args, "env").map(([key, value]) => [str(key), str(value)])),
        args: list("service", args, "args").map(str),
        ...healthcheck(args),
        observe: list("service", args, "observe").map((value) => {
          if (value instanceof ObservationValue) return value.observation;
          throw wrongType("service", "observe", "a list of observations, such as [observe.stdout()]", value);
        }),
      };
      declarations.declareService(declared, file);
      return new ServiceValue(declared, steps);
    },
  );

  const http = builtin("http", ["path?", "port?", "timeout?"], (args) => {
    const at = args.get("port") ?? null;
    const path = optionalText("http", args, "path") ?? "/";
    return new HealthcheckValue({
      kind: "http",
      path,
      ...(at === null ? {} : { port: port("http", at) }),
      timeout_ms: healthTimeout("http", args),
    });
  });

  const tcp = builtin("tcp", ["port?", "timeout?"], (args) => {
    const at = args.get("port") ?? null;
    return new HealthcheckValue({ kind: "tcp", ...(at === null ? {} : { port: port("tcp", at) }), timeout_ms: healthTimeout("tcp", args) });
  });

  const ready = builtin("ready", ["timeout?"], (args) => new HealthcheckValue({ kind: "ready", timeout_ms: healthTimeout("ready", args) }));

  const secret = builtin("secret", ["name"], (args) => secrets.get(text("secret", args, "name")));

  const decoder = builtin("decoder", ["kind", "pattern?"], (args) => {
    const kind = text("decoder", args, "kind");
    switch (kind) {
      case "json":
      case "logfmt":
        return new DecoderValue({ kind });
      case "regex":
        return new DecoderValue({ kind, pattern: text("decoder", args, "pattern") });
      default:
        throw new Problem(
          "UNKNOWN_DECODER",
          "spec",
          `decoder: no decoder "${kind}"${didYouMean(kind, DECODERS)}`,
          `Decoders: ${DECODERS.join(", ")}.`,
        );
    }
  });

  return [service, interfaceOf, http, tcp, ready, secret, decoder];
}

export function observe(): HostValue {
  return new Observe();
}

function interfaces(values: readonly Value[]): readonly Interface[] {
  const found = values.map((value) => {
    if (value instanceof InterfaceValue) return value.interface;
    throw wrongType("service", "an interface", 'made by interface("main", "http", 8080)', value);
  });
  const twice = found.find((one, i) => found.findIndex((other) => other.name === one.name) !== i);
  if (twice !== undefined) {
    throw new Problem(
      "DUPLICATE_INTERFACE",
      "spec",
      `service: two interfaces are named "${twice.name}"`,
      "Give each interface a name of its own.",
    );
  }
  return found;
}

function source(name: string, args: Arguments, directory: string): Service["source"] {
  const image = optionalText("service", args, "image");
  const build = optionalText("service", args, "build");
  if (image !== undefined && build === undefined) return { kind: "image", image };
  if (build !== undefined && image === undefined) {
    return { kind: "build", directory: isAbsolute(build) ? build : resolve(directory, build) };
  }
  throw new Problem(
    "SERVICE_SOURCE",
    "spec",
    `service: "${name}" has ${image === undefined ? "neither image= nor build=" : "both image= and build="}`,
    'Give exactly one: image="redis:7" or build="../services/api" (a directory with a Dockerfile).',
  );
}

function dependency(value: Value, declarations: Declarations): string {
  const name = value instanceof ServiceValue ? value.service.name : value;
  if (typeof name !== "string") throw wrongType("service", "depends_on", "a list of services", value);
  if (!declarations.services.has(name)) {
    throw new Problem(
      "UNKNOWN_SERVICE",
      "spec",
      `service: depends_on names "${name}", which is not declared${didYouMean(name, declarations.services.keys())}`,
      "Declare a service before those that depend on it.",
    );
  }
  return name;
}

function healthcheck(args: Arguments): { healthcheck?: Healthcheck } {
  const value = args.get("healthcheck") ?? null;
  if (value === null) return {};
  if (value instanceof HealthcheckValue) return { healthcheck: value.check };
  throw wrongType("service", "healthcheck", 'a health check: http("/health"), tcp() or ready()', value);
}
