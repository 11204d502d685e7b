import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { VERBS } from "../../cli/verbs.ts";
import { faultbook, ROOT } from "./faultbook.ts";

test("a misspelt verb is answered with the nearest one, and ends with 1", async () => {
  const { status, stderr, stdout } = await faultbook(["dmo"]);
  assert.equal(status, 1);
  assert.match(stderr, /unknown verb "dmo" \(did you mean "demo"\?\)/);
  assert.equal(stdout, "");
});

test("a misspelt flag is answered with the nearest one and the verb's usage", async () => {
  const { status, stderr } = await faultbook(["run", "--uot", "x.ipynb", "y.star"]);
  assert.equal(status, 1);
  assert.match(stderr, /unknown flag --uot \(did you mean "--out"\?\)\n {2}usage: faultbook run FILE/);
});

test("what is missing or too much among the arguments is said", async () => {
  assert.match((await faultbook(["run"])).stderr, /an argument is missing/);
  assert.match((await faultbook(["run", "a.star", "b.star"])).stderr, /"b.star" is one argument too many/);
  assert.match((await faultbook(["run", "a.star", "--out"])).stderr, /--out needs a value/);
  assert.match((await faultbook(["clean", "--yes=1"])).stderr, /--yes takes no value/);
  assert.match((await faultbook(["install", "--user", "--sys-prefix"])).stderr, /exclude one another/);
});

test("help without a verb lists all verbs, and with one its usage; --help says the same", async () => {
  const all = await faultbook(["help"]);
  assert.equal(all.status, 0);
  for (const { name } of VERBS) assert.match(all.stdout, new RegExp(`^ {2}${name} `, "m"));
  const [asVerb, asFlag] = await Promise.all([faultbook(["help", "lab"]), faultbook(["lab", "--help"])]);
  assert.match(asVerb.stdout, /usage: faultbook lab \[DIR\]/);
  assert.equal(asFlag.stdout, asVerb.stdout);
});

test("every file of verbs/ is reached by a verb of its own name or its opposite", () => {
  const files = readdirSync(join(ROOT, "cli", "verbs")).map((file) => basename(file, ".ts"));
  const names = VERBS.map(({ name }) => name).filter((name) => name !== "uninstall");
  assert.deepEqual(files.sort(), names.sort());
});

test("every verb can be loaded and says its usage under its own name", async () => {
  for (const { name, load } of VERBS) assert.ok((await load()).usage.startsWith(name), name);
});
