/** What an author passes to a probe's method, held against what the method takes. */
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";
import type { Arguments, Method, Probe } from "./probe.ts";

/** The method of this name, its arguments checked against what it takes. Problems: PROBE_METHOD, PROBE_ARGUMENT. */
export function checked(probe: Probe, name: string, args: Arguments): Method {
  const method = probe.methods.find((candidate) => candidate.name === name);
  if (method === undefined) {
    const known = probe.methods.map((candidate) => candidate.name);
    throw new Problem(
      "PROBE_METHOD",
      "spec",
      `${probe.protocol} interfaces have no method ${name}${didYouMean(name, known)}`,
      `They have: ${known.join(", ")}.`,
    );
  }
  const known = method.parameters.map((parameter) => parameter.name);
  for (const given of Object.keys(args)) {
    if (!known.includes(given)) throw argumentProblem(method, `has no parameter ${given}${didYouMean(given, known)}`);
  }
  for (const { name: needed, required } of method.parameters) {
    if (required && args[needed] === undefined) throw argumentProblem(method, `needs ${needed}=`);
  }
  return method;
}

export function argumentProblem(method: Method, what: string): Problem {
  const taken = method.parameters.map(({ name, required }) => (required ? `${name}=` : `[${name}=]`)).join(", ");
  return new Problem("PROBE_ARGUMENT", "spec", `${method.name}() ${what}`, `It takes ${taken}.`);
}
