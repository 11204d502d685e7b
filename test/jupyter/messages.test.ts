/** What each request is answered with, over real sockets, in front of the stand-in session. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import manifest from "../../package.json" with { type: "json" };
import { KernelUnderTest, outline, printed, type Client } from "./support/client.ts";

describe("the kernel answers", () => {
  let kernel: KernelUnderTest;
  let client: Client;
  before(async () => {
    kernel = await KernelUnderTest.start();
    client = await kernel.connect();
  });
  after(() => kernel[Symbol.asyncDispose]());

  test("kernel_info on shell and on control, between busy and idle", async () => {
    for (const channel of ["shell", "control"] as const) {
      const { reply, published } = await client.request(channel, "kernel_info_request");
      assert.equal(reply.type, "kernel_info_reply");
      assert.equal(reply.content["status"], "ok");
      assert.equal(reply.content["protocol_version"], "5.5");
      assert.equal(reply.content["implementation"], "faultbook");
      assert.equal(reply.content["implementation_version"], manifest.version);
      assert.deepEqual(reply.content["language_info"], {
        name: "starlark",
        version: "1",
        mimetype: "text/x-starlark",
        file_extension: ".star",
        pygments_lexer: "starlark",
        codemirror_mode: "python",
        nbconvert_exporter: "script",
      });
      assert.deepEqual(reply.content["supported_features"], []);
      assert.deepEqual(outline(published), ["busy", "idle"]);
    }
  });

  test("with headers of its own: unique ids, its own session, a date, version 5.5", async () => {
    const { reply, published } = await client.execute("print a");
    const headers = [reply, ...published].map((one) => one.header);
    assert.equal(new Set(headers.map((one) => one["msg_id"])).size, headers.length);
    assert.equal(new Set(headers.map((one) => one["session"])).size, 1);
    for (const header of headers) {
      assert.notEqual(header["session"], client.session);
      assert.equal(header["version"], "5.5");
      assert.ok(!Number.isNaN(Date.parse(String(header["date"]))));
    }
  });

  test("an execute: input, outputs in order, reply with the count, idle last", async () => {
    const { reply, published } = await client.execute("print before\nresult 42\ndisplay d shown\nupdate d again\nclear wait\nprint behind");
    assert.deepEqual(outline(published), [
      ...["busy", "execute_input", "stream", "execute_result", "display_data", "update_display_data", "clear_output", "stream", "idle"],
    ]);
    const [, input, , result, display, update, clear] = published;
    const count = reply.content["execution_count"];
    assert.equal(input?.content["execution_count"], count);
    assert.deepEqual(result?.content, { execution_count: count, data: { "text/plain": "42" }, metadata: {} });
    assert.deepEqual(display?.content, { data: { "text/plain": "shown" }, metadata: {}, transient: { display_id: "d" } });
    assert.deepEqual(update?.content, { data: { "text/plain": "again" }, metadata: {}, transient: { display_id: "d" } });
    assert.deepEqual(clear?.content, { wait: true });
    assert.equal(reply.content["status"], "ok");
    assert.deepEqual(reply.content["payload"], []);
    assert.deepEqual(reply.content["user_expressions"], {});
  });

  test("an error: on iopub once, and in the reply's fields", async () => {
    for (const command of ["fail", "quietfail"]) {
      const { reply, published } = await client.execute(`${command} NoRoute to db`);
      const error = { ename: "NoRoute", evalue: "to db", traceback: ["NoRoute: to db"] };
      assert.deepEqual(outline(published), ["busy", "execute_input", "error", "idle"], command);
      assert.deepEqual(published[2]?.content, error);
      const { status, ename, evalue, traceback } = reply.content;
      assert.deepEqual({ status, ename, evalue, traceback }, { status: "error", ...error });
      assert.equal(typeof reply.content["execution_count"], "number");
    }
  });

  test("what a cell's end says about it, in the reply's metadata", async () => {
    const { reply } = await client.execute("meta verdict bypassed");
    assert.equal(reply.metadata["verdict"], "bypassed");
    assert.equal(reply.metadata["status"], "ok");
    assert.ok(!Number.isNaN(Date.parse(String(reply.metadata["started"]))));
  });

  test("the session with the cell's place: its number, and its id where the client sends one", async () => {
    const { reply, published } = await client.execute("cell", {}, { cellId: "abc" });
    assert.deepEqual(JSON.parse(printed(published)), { count: reply.content["execution_count"], id: "abc" });
    const silent = await client.execute("display - x\ncell", { silent: true });
    assert.deepEqual(outline(silent.published), ["busy", "idle"]);
  });

  test("counting only cells that are stored, and showing nothing of silent ones", async () => {
    const counted = Number((await client.execute("print a")).reply.content["execution_count"]);
    const silent = await client.execute("print b\nresult 1\nfail Silent x", { silent: true, stop_on_error: false });
    assert.deepEqual(outline(silent.published), ["busy", "idle"]);
    assert.equal(silent.reply.content["status"], "error");
    const unstored = await client.execute("print c", { store_history: false });
    assert.deepEqual(outline(unstored.published), ["busy", "execute_input", "stream", "idle"]);
    assert.equal(unstored.reply.content["execution_count"], counted);
    assert.equal((await client.execute("print d")).reply.content["execution_count"], counted + 1);
    const history = await client.request("shell", "history_request", { hist_access_type: "tail", n: 2 });
    assert.deepEqual(history.reply.content["history"], [
      [1, counted, "print a"],
      [1, counted + 1, "print d"],
    ]);
  });

  test("user expressions, each by its result", async () => {
    const { reply } = await client.execute("print a", { user_expressions: { good: "result 7", bad: "fail Bad x" } });
    assert.deepEqual(reply.content["user_expressions"], {
      good: { status: "ok", data: { "text/plain": "7" }, metadata: {} },
      bad: { status: "error", ename: "Bad", evalue: "x", traceback: ["Bad: x"] },
    });
  });

  test("complete, in code points", async () => {
    const { reply } = await client.request("shell", "complete_request", { code: "𝒜𝒜 p", cursor_pos: 4 });
    assert.deepEqual(reply.content, { status: "ok", matches: ["print", "pid"], cursor_start: 3, cursor_end: 4, metadata: {} });
  });

  test("a completion that does not come, with nothing, in time for the client", async () => {
    const started = performance.now();
    const { reply } = await client.request("shell", "complete_request", { code: "hang", cursor_pos: 4 });
    assert.deepEqual(reply.content, { status: "ok", matches: [], cursor_start: 4, cursor_end: 4, metadata: {} });
    assert.ok(performance.now() - started < 5000);
  });

  test("inspect", async () => {
    const { reply } = await client.request("shell", "inspect_request", { code: "print", cursor_pos: 5, detail_level: 1 });
    assert.deepEqual(reply.content, { status: "ok", found: true, data: { "text/plain": "print 1" }, metadata: {} });
  });

  test("is_complete", async () => {
    const ask = async (code: string) => (await client.request("shell", "is_complete_request", { code })).reply.content;
    assert.deepEqual(await ask("x"), { status: "complete" });
    assert.deepEqual(await ask("def f():"), { status: "incomplete", indent: "    " });
    assert.deepEqual(await ask("!"), { status: "invalid" });
  });

  test("history by tail, range and search", async () => {
    const first = Number((await client.execute("print h1\nresult one")).reply.content["execution_count"]);
    await client.execute("print h2");
    await client.execute("print h2");
    const ask = async (content: object) => (await client.request("shell", "history_request", content)).reply.content["history"];
    const firstEntry = [1, first, "print h1\nresult one"];
    assert.deepEqual(await ask({ hist_access_type: "range", session: 1, start: first, stop: first + 1 }), [firstEntry]);
    assert.deepEqual(await ask({ hist_access_type: "range", session: 0, start: first, stop: first + 1, output: true }), [
      [1, first, ["print h1\nresult one", "one"]],
    ]);
    assert.deepEqual(await ask({ hist_access_type: "range", session: 7, start: 1, stop: 100 }), []);
    assert.deepEqual(await ask({ hist_access_type: "tail", n: 1, output: true }), [[1, first + 2, ["print h2", null]]]);
    assert.deepEqual(await ask({ hist_access_type: "search", pattern: "print h?", unique: true }), [[1, first + 2, "print h2"]]);
    assert.deepEqual(await ask({ hist_access_type: "search", pattern: "print h*", n: 3 }), [
      firstEntry,
      [1, first + 1, "print h2"],
      [1, first + 2, "print h2"],
    ]);
  });

  test("that there are no comms, and closes one that is opened", async () => {
    assert.deepEqual((await client.request("shell", "comm_info_request")).reply.content, { status: "ok", comms: {} });
    const id = client.send("shell", "comm_open", { comm_id: "c1", target_name: "nobody", data: {} });
    const close = await client.publishedFor(id, (one) => one.type === "comm_close");
    assert.deepEqual(close.content, { comm_id: "c1", data: {} });
  });

  test("an unknown request with an error", async () => {
    for (const channel of ["shell", "control"] as const) {
      const { reply } = await client.request(channel, "create_subshell_request");
      assert.equal(reply.type, "create_subshell_reply");
      assert.equal(reply.content["ename"], "UnknownRequest");
    }
  });

  test("text that is no Unicode, without breaking the client", async () => {
    const { published } = await client.execute("print a\ud800b \\ud800");
    assert.equal(printed(published), "a\ufffdb \\ud800\n");
  });
});
