/** The verbs, in the order that `help` shows them. Each is loaded when it is asked for: `version` needs no Docker client. */
import type { Verb } from "./verb.ts";

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Verb>;
}

export const VERBS: readonly Entry[] = [
  {
    name: "demo",
    summary: "set everything up and run the first course notebook through the real kernel",
    load: async () => (await import("./verbs/demo.ts")).demo,
  },
  { name: "lab", summary: "open JupyterLab on the notebooks, with the kernel", load: async () => (await import("./verbs/lab.ts")).lab },
  { name: "run", summary: "run a notebook or a .star file without a browser", load: async () => (await import("./verbs/run.ts")).run },
  {
    name: "install",
    summary: "make the kernel known to a Jupyter of your own",
    load: async () => (await import("./verbs/install.ts")).install,
  },
  { name: "uninstall", summary: "and take it away again", load: async () => (await import("./verbs/install.ts")).uninstall },
  {
    name: "doctor",
    summary: "what this machine can do, what is missing, and how to get it",
    load: async () => (await import("./verbs/doctor.ts")).doctor,
  },
  { name: "test", summary: "run all tests, after setting up what they need", load: async () => (await import("./verbs/test.ts")).test },
  { name: "bench", summary: "measure, beside references of the same run", load: async () => (await import("./verbs/bench.ts")).bench },
  {
    name: "clean",
    summary: "remove what faultbook left on this machine, listed first",
    load: async () => (await import("./verbs/clean.ts")).clean,
  },
  { name: "version", summary: "the version", load: async () => (await import("./verbs/version.ts")).version },
  { name: "help", summary: "this list, or more about a verb", load: async () => (await import("./verbs/help.ts")).help },
];
