/**
 * How far a log has been read, exactly: per stream the time of the last message and how many messages with that very time were
 * read, since the parts of a long line share one. With it a log that is opened again is taken up where it was left.
 */
import type { Message } from "./frames.ts";

interface Place {
  readonly time: string;
  readonly count: number;
}

type Places = Partial<Record<Message["stream"], Place>>;

export class Position {
  #places: Places = {};

  copy(): Position {
    const copy = new Position();
    copy.#places = { ...this.#places };
    return copy;
  }

  /** The time from which a log must be read again so that no message is missed; undefined when all of it must. */
  get since(): string | undefined {
    const { stdout, stderr } = this.#places;
    if (stdout === undefined || stderr === undefined) return stdout?.time ?? stderr?.time;
    return stdout.time < stderr.time ? stdout.time : stderr.time;
  }

  /** A filter for messages read from `since` on, in the log's order: true for those that lie beyond this position. It advances with them. */
  beyond(): (message: Message) => boolean {
    const seen: Places = {};
    const passed = new Set<Message["stream"]>();
    return (message) => {
      const { stream, time } = message;
      const before = seen[stream];
      const place: Place = { time, count: before?.time === time ? before.count + 1 : 1 };
      seen[stream] = place;
      const read = this.#places[stream];
      // Once beyond, always beyond: a clock that is set back must not hide messages.
      const isNew = passed.has(stream) || read === undefined || time > read.time || (time === read.time && place.count > read.count);
      if (isNew) {
        passed.add(stream);
        this.#places[stream] = place;
      }
      return isNew;
    };
  }
}
