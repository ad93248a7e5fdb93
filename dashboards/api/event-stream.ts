/** Server-sent events (WHATWG HTML, 9.2): reading them from a part, and writing them to a browser. */

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
}

/** A line longer than this is not ours: the stream is given up rather than held in memory. */
export const EVENT_BYTES_MAX = 4 * 1024 * 1024;

/** Takes text as it comes, in whatever pieces, and returns the events that it completes. */
export class EventStreamParser {
  #rest = "";
  #event = "message";
  #data: string[] = [];
  #id: string | undefined;

  push(text: string): ServerSentEvent[] {
    this.#rest += text;
    if (this.#rest.length > EVENT_BYTES_MAX)
      throw new RangeError("an event is larger than the stream's limit");
    const lines = this.#rest.split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id") this.#id = value;
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    const event = this.#event;
    const data = this.#data;
    this.#event = "message";
    this.#data = [];
    if (data.length === 0) return undefined;
    return { event, data: data.join("\n"), ...(this.#id === undefined ? {} : { id: this.#id }) };
  }
}

/** One event as it travels. JSON has no line breaks of its own, so `data` is one line. */
export function formatEvent({ event, data, id }: ServerSentEvent): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
