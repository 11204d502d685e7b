/** `faultbook help [VERB]`. */
import { didYouMean } from "../../model/nearest.ts";
import type { Verb } from "../verb.ts";
import { readArguments, usageProblem } from "../verb.ts";
import { VERBS } from "../verbs.ts";

export const help: Verb = {
  usage: "help [VERB]",
  async run(args) {
    const [name] = readArguments(args, help.usage, {}, { least: 0, most: 1 }).positionals;
    if (name === undefined) {
      console.log("usage: faultbook VERB …\n");
      for (const { name: verb, summary } of VERBS) console.log(`  ${verb.padEnd(10)} ${summary}`);
      return 0;
    }
    const entry = VERBS.find((verb) => verb.name === name);
    if (entry === undefined) {
      throw usageProblem(
        `unknown verb "${name}"${didYouMean(
          name,
          VERBS.map((verb) => verb.name),
        )}`,
        help.usage,
      );
    }
    console.log(`usage: faultbook ${(await entry.load()).usage}\n\n  ${entry.summary}`);
    return 0;
  },
};
