/**
 * Everything that the cells of a session have declared, by name. Declaring again under the same name replaces, and says so.
 * What a cell registered to run (scenarios, matrices) is collected here in order and taken by the session when the cell's
 * text has been evaluated.
 */
import type { Service } from "../../model/declaration.ts";
import type { Keyword } from "../../model/families.ts";
import type { Action } from "../../model/rule.ts";
import type { Callable } from "./callable.ts";

/** A function of the spec that performs one user flow and returns what is judged. */
export interface Scenario {
  readonly name: string;
  readonly run: Callable;
}

export interface Monitor {
  readonly name: string;
  readonly check: Callable;
  /** Only events of this service; every service's when absent. */
  readonly service?: string;
}

export interface FaultAssumption {
  readonly name: string;
  readonly target: string;
  readonly calls: ReadonlyMap<Keyword, Action>;
  readonly monitors: readonly Monitor[];
  readonly description: string;
}

export interface Matrix {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  readonly faults: readonly FaultAssumption[];
  readonly defaultExpect?: Callable;
  /** By `pairKey`. */
  readonly overrides: ReadonlyMap<string, Callable>;
  readonly excluded: readonly (readonly [scenario: string, fault: string])[];
  readonly monitors: readonly Monitor[];
  readonly requireFaultsFire: boolean;
}

export function pairKey(scenario: string, fault: string): string {
  return `${scenario} × ${fault}`;
}

export type Run = { readonly kind: "scenario"; readonly scenario: Scenario } | { readonly kind: "matrix"; readonly matrix: Matrix };

export class Declarations {
  readonly services = new Map<string, Service>();
  readonly scenarios = new Map<string, Scenario>();
  readonly assumptions = new Map<string, FaultAssumption>();
  readonly #places = new Map<string, string>();
  #runs: Run[] = [];
  #notices: string[] = [];

  /** `place` is the text that declares, for "replaces the one of Cell In[2]": a cell or a file. */
  declareService(service: Service, place: string): void {
    this.#note("service", service.name, place);
    this.services.set(service.name, service);
  }

  declareScenario(scenario: Scenario, place: string): void {
    this.#note("scenario", scenario.name, place);
    this.scenarios.set(scenario.name, scenario);
    this.register({ kind: "scenario", scenario });
  }

  declareAssumption(assumption: FaultAssumption, place: string): void {
    this.#note("fault assumption", assumption.name, place);
    this.assumptions.set(assumption.name, assumption);
  }

  register(run: Run): void {
    this.#runs.push(run);
  }

  notice(text: string): void {
    this.#notices.push(text);
  }

  /** What was registered and noticed since the last call. */
  take(): { readonly runs: readonly Run[]; readonly notices: readonly string[] } {
    const taken = { runs: this.#runs, notices: this.#notices };
    this.#runs = [];
    this.#notices = [];
    return taken;
  }

  #note(kind: string, name: string, place: string): void {
    const key = `${kind} ${name}`;
    const before = this.#places.get(key);
    if (before !== undefined && before !== place) this.notice(`${key} replaces the one of ${before}`);
    this.#places.set(key, place);
  }
}
