import assert from "node:assert/strict";
import { test } from "node:test";
import type { Screen } from "../../../cli/setup/progress.ts";
import { createProgress } from "../../../cli/setup/progress.ts";

function screen(isTTY: boolean): { readonly screen: Screen; readonly text: () => string } {
  const written: string[] = [];
  return { screen: { isTTY, columns: 40, write: (text: string) => written.push(text) }, text: () => written.join("") };
}

test("a step that had nothing to do says nothing", () => {
  const { screen: to, text } = screen(false);
  const progress = createProgress(to);
  progress.step("Docker").done();
  progress.step("Images").failed();
  progress.end();
  assert.equal(text(), "");
});

test("off a terminal a step has a line for each thing it does, and one when it ends", () => {
  const { screen: to, text } = screen(false);
  const step = createProgress(to).step("Docker");
  step.doing("installing");
  step.doing("installing");
  step.doing("starting");
  step.done("20.10 started");
  step.done();
  assert.match(text(), /^Docker: installing …\nDocker: starting …\nDocker: 20.10 started, \d.* ms\n$/);
});

test("on a terminal running steps are redrawn in place and cut to its width", () => {
  const { screen: to, text } = screen(true);
  const progress = createProgress(to);
  const [one, two] = [progress.step("One"), progress.step("Two")];
  one.doing("a".repeat(100));
  two.doing("b");
  one.done("ready");
  // eslint-disable-next-line no-control-regex -- escape sequences begin with that character
  assert.match(text(), /^One: a{34}\n\x1b\[1A\x1b\[0JOne: a{34}\nTwo: b … 0 ms\n\x1b\[2A\x1b\[0JOne: ready, .* ms\nTwo: b … 0 ms\n$/);
  progress.end();
});
