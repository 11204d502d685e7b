/** Passwords of one session: made when first asked for, the same for the same name, and masked wherever they would be shown. */
import { randomBytes } from "node:crypto";

const MASK = "•••";

export class Secrets {
  readonly #values = new Map<string, string>();

  get(name: string): string {
    let value = this.#values.get(name);
    if (value === undefined) {
      value = randomBytes(12).toString("hex");
      this.#values.set(name, value);
    }
    return value;
  }

  /** The text without secrets: those made here, passwords in URLs, and authorization headers. */
  mask(text: string): string {
    let masked = text;
    for (const value of this.#values.values()) masked = masked.replaceAll(value, MASK);
    return masked
      .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s@/]+@/gi, `$1${MASK}@`)
      .replace(/(authorization["']?\s*[:=]\s*["']?(?:bearer |basic )?)[^\s"',}]+/gi, `$1${MASK}`);
  }
}
