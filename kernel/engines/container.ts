/** A service's container as the engine is asked for it, and what the engine says against it. Data alone; docker.ts asks. */
import type Dockerode from "dockerode";
import type { Service } from "../../model/declaration.ts";
import { Problem } from "../../model/problem.ts";
import { saidBy, statusOf } from "./failures.ts";
import { OWNER_LABEL, SERVICE_LABEL, SESSION_LABEL } from "./owner.ts";

export interface Belonging {
  readonly session: string;
  /** See owner.ts. */
  readonly owner: string;
  readonly network: string;
}

/** No port is published: the session dials the container's own address, and two sessions never get in each other's way. */
export function containerOf(service: Service, image: string, { session, owner, network }: Belonging): Dockerode.ContainerCreateOptions {
  return {
    Image: image,
    Env: Object.entries(service.env).map(([name, value]) => `${name}=${value}`),
    ...(service.args.length === 0 ? {} : { Cmd: [...service.args] }),
    Labels: { [SESSION_LABEL]: session, [SERVICE_LABEL]: service.name, [OWNER_LABEL]: owner },
    HostConfig: {
      NetworkMode: network,
      // The engine's own default may be a driver that keeps nothing for us to read, or one without end.
      LogConfig: { Type: "json-file", Config: { "max-size": "128m", "max-file": "2" } },
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service.name] } } },
  };
}

/** The problem behind a refused start where the service's command is to blame; undefined where it is not. */
export function commandProblem(service: Service, error: unknown): Problem | undefined {
  const said = saidBy(error);
  if (
    statusOf(error) === undefined ||
    !/executable file not found|no such file or directory|permission denied|exec format error/.test(said)
  )
    return undefined;
  return new Problem(
    "SERVICE_COMMAND",
    "spec",
    `the command of ${service.name} can't be run: ${said}`,
    'See args= of the service and ENTRYPOINT and CMD of its image; a wrong architecture shows as "exec format error".',
    { cause: error },
  );
}
