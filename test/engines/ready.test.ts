import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { test, type TestContext } from "node:test";
import { type Place, postgresAnswers, tcpAnswers } from "../../kernel/engines/ready.ts";

/** A server that answers what it is sent first with these bytes, and keeps what it was sent. */
async function answering(t: TestContext, bytes: Buffer | undefined): Promise<{ at: Place; sent: Buffer[]; server: Server }> {
  const sent: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (chunk) => {
      sent.push(chunk);
      if (bytes !== undefined) socket.write(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { at: { address: "127.0.0.1", port: address.port }, sent, server };
}

function errorResponse(code: string, message: string): Buffer {
  const body = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

const signal = AbortSignal.timeout(20_000);

test("a Postgres that asks for a password is ready, and was asked in protocol 3.0", async (t) => {
  const { at, sent } = await answering(t, Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
  await postgresAnswers(at, "shop", 5000, signal);
  const message = sent[0];
  assert.ok(message !== undefined);
  assert.equal(message.readUInt32BE(0), message.length);
  assert.equal(message.readUInt32BE(4), 196_608);
  assert.match(message.toString("latin1", 8), /^user\0shop\0database\0shop\0.*\0\0$/);
});

test("a Postgres that is starting up is not ready, one that refuses us for another reason is", async (t) => {
  const starting = await answering(t, errorResponse("57P03", "the database system is starting up"));
  await assert.rejects(postgresAnswers(starting.at, "postgres", 5000, signal), /the database system is starting up/);
  const refusing = await answering(t, errorResponse("28000", 'role "postgres" does not exist'));
  await postgresAnswers(refusing.at, "postgres", 5000, signal);
});

test("something else on the port is not taken for Postgres", async (t) => {
  const { at } = await answering(t, Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await assert.rejects(postgresAnswers(at, "postgres", 5000, signal), /not as Postgres does/);
});

test("a server that says nothing ends the question in time", async (t) => {
  const { at } = await answering(t, undefined);
  await assert.rejects(postgresAnswers(at, "postgres", 100, signal), /no answer within 100 ms/);
});

test("an open port answers tcp, a closed one does not", async (t) => {
  const { at, server } = await answering(t, undefined);
  await tcpAnswers(at, 5000, signal);
  server.close();
  await once(server, "close");
  await assert.rejects(tcpAnswers(at, 5000, signal), /ECONNREFUSED/);
});
