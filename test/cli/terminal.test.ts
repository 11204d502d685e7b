import assert from "node:assert/strict";
import { test } from "node:test";
import { TerminalView } from "../../cli/terminal.ts";
import type { Output } from "../../kernel/messages.ts";

const stream = (text: string): Output => ({ kind: "stream", name: "stdout", text });
const display = (text: string, id?: string): Output => ({
  kind: "display",
  data: { "text/plain": text },
  metadata: {},
  ...(id === undefined ? {} : { display: id }),
});

function view(isTTY: boolean, size = { columns: 20, rows: 6 }) {
  const written: string[] = [];
  const screen = { isTTY, ...size, write: (text: string) => written.push(text) };
  return { view: new TerminalView(screen), written };
}

/* eslint-disable no-control-regex -- escape sequences begin with such a character */
/** What a terminal shows after these writes: text, newlines, and the one sequence that goes up and erases below. */
function shownBy(written: readonly string[]): string {
  let lines = [""];
  for (const part of written.join("").split(/(\x1b\[\d+A\x1b\[0J|\n)/)) {
    const up = /^\x1b\[(\d+)A/.exec(part)?.[1];
    if (up !== undefined) lines = [...lines.slice(0, lines.length - 1 - Number(up)), ""];
    else if (part === "\n") lines.push("");
    else lines.push(`${lines.pop() ?? ""}${part}`);
  }
  return lines.join("\n");
}

test("off a terminal an updated display is written once, in its last state, without escape sequences", () => {
  const { view: plain, written } = view(false);
  plain.show(display("one", "grid"));
  plain.show(stream("printed\n"));
  plain.show(display("two", "grid"));
  assert.equal(written.join(""), "printed\n");
  plain.endCell();
  assert.equal(written.join(""), "printed\ntwo\n");
  plain.show({ kind: "error", ename: "E", evalue: "v", traceback: ["\x1b[31mred\x1b[0m"] });
  assert.equal(written.join(""), "printed\ntwo\nred\n");
});

test("on a terminal an update takes the place of what was there, and printed text stays above it", () => {
  const { view: live, written } = view(true);
  live.show(display("one\nmore", "grid"));
  assert.equal(shownBy(written), "one\nmore\n");
  live.show(stream("printed\n"));
  assert.equal(shownBy(written), "printed\none\nmore\n");
  live.show(display("two", "grid"));
  assert.equal(shownBy(written), "printed\ntwo\n");
  live.endCell();
  assert.equal(shownBy(written), "printed\ntwo\n");
});

test("a display larger than the screen is cut while it lives and whole in the end", () => {
  const { view: live, written } = view(true);
  const text = Array.from({ length: 10 }, (_, i) => `line ${i} which is wider than the screen`).join("\n");
  live.show(display(text, "grid"));
  const lines = shownBy(written).trimEnd().split("\n");
  assert.equal(lines.length, 4);
  assert.ok(lines.every((line) => line.length <= 19));
  live.endCell();
  assert.equal(shownBy(written), `${text}\n`);
});

test("a bundle without text says what it is", () => {
  const { view: plain, written } = view(false);
  plain.show({ kind: "display", data: { "image/png": "aGk=" }, metadata: {} });
  assert.equal(written.join(""), "(image/png)\n");
});
