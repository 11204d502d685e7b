/** What the tests with containers share: an engine that is removed afterwards, and services that run a few lines of Node. */
import { connectDocker, type DockerEngine } from "../../kernel/engines/docker.ts";
import type { TestContext } from "node:test";
import type { Healthcheck, Service } from "../../model/declaration.ts";

export const NODE_IMAGE = "faultbook/node:24";

let sessions = 0;

/** A name that no other test and no other run has. */
export function sessionName(): string {
  return `test-${process.pid}-${++sessions}`;
}

export async function engineFor(t: TestContext, session: string = sessionName()): Promise<DockerEngine> {
  const engine = await connectDocker(session);
  t.after(() => engine.removeAll());
  return engine;
}

export interface Extras {
  readonly env?: Readonly<Record<string, string>>;
  readonly healthcheck?: Healthcheck;
  readonly protocol?: string;
  readonly port?: number;
}

/** A service whose only process is Node with this program. */
export function nodeService(name: string, program: string, extras: Extras = {}): Service {
  return {
    name,
    interfaces: [{ name: "main", protocol: extras.protocol ?? "http", port: extras.port ?? 8080 }],
    source: { kind: "image", image: NODE_IMAGE },
    dependsOn: [],
    env: extras.env ?? {},
    args: ["node", "-e", program],
    observe: [{ stream: "stdout" }, { stream: "stderr" }],
    ...(extras.healthcheck === undefined ? {} : { healthcheck: extras.healthcheck }),
  };
}

/** Answers every request with the result of the expression `answer`, in which `url` is the path. */
export function server(answer: string): string {
  return `require("http").createServer(async (request, response) => {
    const url = request.url; response.end(String(await (${answer}))); }).listen(8080, () => console.log("listening"))`;
}

export const silent = (): void => undefined;

/** Ends a test's waits when something hangs. */
export function soon(ms = 30_000): AbortSignal {
  return AbortSignal.timeout(ms);
}

/** What a promise is rejected with, which must be an error. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error("rejected with something that is no error", { cause: error });
  }
  throw new Error("it was not rejected");
}
