/**
 * Where an assumption acts: from what a spec names (a target and keywords) to rules on the services that make the calls.
 * Pure: the addresses come later, when a rule is armed.
 *
 * `connect` on a service that depends on others cuts its connections to them. A service that depends on nothing, such as a
 * database, hardly ever connects to anyone; there "db is down" can only mean the connections of those who depend on it.
 */
import type { Service } from "../../model/declaration.ts";
import type { Keyword } from "../../model/families.ts";
import type { Action } from "../../model/rule.ts";

export interface Assumption {
  readonly name: string;
  readonly target: string;
  readonly calls: ReadonlyMap<Keyword, Action>;
}

/** A rule before addresses are known. */
export interface Placed {
  readonly fault: string;
  readonly keyword: Keyword;
  readonly action: Action;
  /** The service whose calls are acted on. */
  readonly service: string;
  /** For `connect`: to which services. */
  readonly to?: readonly string[];
}

export function dependents(target: string, services: readonly Service[]): readonly string[] {
  return services.filter((service) => service.dependsOn.includes(target)).map((service) => service.name);
}

/** The rules of an assumption; empty for a connect that nobody can make. */
export function place(assumption: Assumption, services: readonly Service[]): readonly Placed[] {
  const target = services.find((service) => service.name === assumption.target);
  if (target === undefined) return [];
  return [...assumption.calls].flatMap(([keyword, action]): readonly Placed[] => {
    const rule = { fault: assumption.name, keyword, action };
    if (keyword !== "connect") return [{ ...rule, service: target.name }];
    if (target.dependsOn.length > 0) return [{ ...rule, service: target.name, to: target.dependsOn }];
    return dependents(target.name, services).map((service) => ({ ...rule, service, to: [target.name] }));
  });
}

/** The edges that a placed rule acts on, for a person: "api → db". */
export function edges(rules: readonly Placed[]): readonly string[] {
  return rules.flatMap((rule) => (rule.to ?? []).map((to) => `${rule.service} → ${to}`));
}
