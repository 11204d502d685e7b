/** `faultbook version`. */
import { VERSION } from "../place.ts";
import type { Verb } from "../verb.ts";
import { readArguments } from "../verb.ts";

export const version: Verb = {
  usage: "version",
  run(args) {
    readArguments(args, version.usage, {});
    console.log(`faultbook ${VERSION} (Node ${process.versions.node})`);
    return Promise.resolve(0);
  },
};
