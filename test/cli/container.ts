/** A command in a container, through the engine's API: a fresh machine may have no docker client. */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";

/** What it printed, on either stream. No terminal: a pager would wait there for a key. */
export async function inContainer(container: Docker.Container, command: readonly string[], env: readonly string[] = []): Promise<string> {
  const exec = await container.exec({ Cmd: [...command], Env: [...env], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  const output = new PassThrough();
  const end = (): void => void output.end();
  stream.on("end", end).on("close", end).on("error", end);
  setTimeout(end, 30_000).unref();
  const modem = container.modem as Docker["modem"];
  modem.demuxStream(stream, output, output);
  return text(output);
}
