/** The body of an answer of the engine that comes as a stream: a build's or a pull's progress, a log. */

/** Its chunks. An error ends them; one that comes when nobody iterates (any more), as after an abort, must not end the process. */
export function chunksOf(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer | string> {
  stream.on("error", () => undefined);
  return chunks(stream);
}

async function* chunks(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer | string> {
  // What an HTTP answer yields is unknown to Node's types.
  for await (const chunk of stream as AsyncIterable<unknown>) {
    if (typeof chunk === "string" || Buffer.isBuffer(chunk)) yield chunk;
  }
}
