/** What a cell puts out, masked: text, results, and displays that fill while they run. */
import type { MimeBundle, Output } from "../messages.ts";
import type { World } from "./world.ts";

/** A picture of a record in all its forms. */
export interface Bundle {
  readonly data: MimeBundle;
  readonly metadata: MimeBundle;
}

/** A browser draws the whole picture anew at each update, so no more often than this. */
const UPDATE_MS = 250;

export type Emit = (output: Output) => void;

export class Display {
  readonly #emit: Emit;
  readonly #world: World;
  readonly #prefix: string;
  #count = 0;

  /** @param prefix unique for the cell's execution; ids of displays begin with it */
  constructor(world: World, prefix: string, emit: Emit) {
    this.#world = world;
    this.#prefix = prefix;
    this.#emit = emit;
  }

  text(name: "stdout" | "stderr", text: string): void {
    this.#emit({ kind: "stream", name, text: this.#world.secrets.mask(text) });
  }

  result(text: string): void {
    this.#emit({ kind: "result", data: { "text/plain": this.#world.secrets.mask(text) }, metadata: {} });
  }

  /** A display that can be updated. The last word is `finish`, which always reaches the client. */
  live(): Live {
    const id = `${this.#prefix}-${++this.#count}`;
    return new Live((bundle, update) => {
      const { data, metadata } = bundle;
      this.#emit({ kind: "display", data: this.#masked(data), metadata, display: id, ...(update ? { update } : {}) });
    });
  }

  #masked(data: MimeBundle): MimeBundle {
    return Object.fromEntries(
      Object.entries(data).map(([type, content]) => [type, type.startsWith("image/") ? content : this.#world.masked(content)]),
    );
  }
}

export class Live {
  readonly #show: (bundle: Bundle, update: boolean) => void;
  #shown = false;
  #last_ms = -Infinity;
  #waiting: NodeJS.Timeout | undefined;
  #latest: (() => Promise<Bundle>) | undefined;
  /** Updates are shown one after the other, in the order in which they were asked for. */
  #order: Promise<void> = Promise.resolve();

  constructor(show: (bundle: Bundle, update: boolean) => void) {
    this.#show = show;
  }

  /** Shows what `make` gives, now or a little later; a newer update replaces one that waits. */
  update(make: () => Promise<Bundle>): void {
    this.#latest = make;
    const pause_ms = UPDATE_MS - (performance.now() - this.#last_ms);
    if (pause_ms <= 0) this.#flush();
    else this.#waiting ??= setTimeout(() => this.#flush(), pause_ms);
  }

  /** The last word; resolves when it is out. Fails where any update could not be drawn. */
  finish(make: () => Promise<Bundle>): Promise<void> {
    this.#latest = make;
    this.#flush();
    return this.#order;
  }

  #flush(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    const make = this.#latest;
    this.#latest = undefined;
    if (make === undefined) return;
    this.#last_ms = performance.now();
    this.#order = this.#order.then(async () => {
      this.#show(await make(), this.#shown);
      this.#shown = true;
    });
    this.#order.catch(() => undefined); // told by `finish`
  }
}
