/** The one network of a session: made on first need, named and labelled, with its gateway. */
import type Dockerode from "dockerode";
import { Problem } from "../../model/problem.ts";
import { saidBy, statusOf } from "./failures.ts";
import { REQUEST_MS, within } from "./limit.ts";

export class SessionNetwork {
  readonly name: string;
  readonly #docker: Dockerode;
  readonly #labels: Readonly<Record<string, string>>;
  #made: Promise<void> | undefined;
  #gateway: string | undefined;

  constructor(docker: Dockerode, name: string, labels: Readonly<Record<string, string>>) {
    this.#docker = docker;
    this.name = name;
    this.#labels = labels;
  }

  /** Makes the network unless it is there; several callers share one request. A failure is tried again by the next. */
  async ensure(): Promise<void> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    await this.#made;
  }

  async #make(): Promise<void> {
    try {
      await within(REQUEST_MS, undefined, "creating the network", () =>
        this.#docker.createNetwork({ Name: this.name, CheckDuplicate: true, Driver: "bridge", Labels: { ...this.#labels } }),
      );
    } catch (error) {
      if (!(statusOf(error) === 409 && /already exists/.test(saidBy(error)))) throw error;
    }
  }

  /** The host's address in the network. */
  async gateway(): Promise<string> {
    await this.ensure();
    if (this.#gateway === undefined) {
      const found = await within(REQUEST_MS, undefined, "looking at the network", () => this.#docker.getNetwork(this.name).inspect());
      const gateways = ipv4Gateways(found);
      if (gateways[0] === undefined) {
        throw new Problem(
          "NETWORK_NO_GATEWAY",
          "system",
          `the network ${this.name} has no IPv4 gateway`,
          "See docker network inspect; an engine whose bridge networks have IPv6 alone can't be used yet.",
        );
      }
      this.#gateway = gateways[0];
    }
    return this.#gateway;
  }

  /** It was removed; the next need makes it anew. */
  forget(): void {
    this.#made = undefined;
    this.#gateway = undefined;
  }

  /** Resolves when no request to make it is under way. */
  async settled(): Promise<void> {
    await this.#made?.catch(() => undefined);
  }
}

function ipv4Gateways(network: unknown): readonly string[] {
  if (typeof network !== "object" || network === null || !("IPAM" in network)) return [];
  const ipam = network.IPAM;
  if (typeof ipam !== "object" || ipam === null || !("Config" in ipam) || !Array.isArray(ipam.Config)) return [];
  return (ipam.Config as readonly unknown[]).flatMap((config) => {
    if (typeof config !== "object" || config === null || !("Gateway" in config) || typeof config.Gateway !== "string") return [];
    return /^\d+\.\d+\.\d+\.\d+/.exec(config.Gateway)?.[0] ?? [];
  });
}
