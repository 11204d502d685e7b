/** Chunks of an HTTP answer, which Node's types call unknown. */
export async function* chunksOf(stream: NodeJS.ReadableStream): AsyncGenerator<Buffer | string> {
  for await (const chunk of stream as AsyncIterable<unknown>) {
    if (typeof chunk === "string" || Buffer.isBuffer(chunk)) yield chunk;
  }
}
