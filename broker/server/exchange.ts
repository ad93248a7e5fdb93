/**
 * Hands what a client publishes to those who subscribed to it: what aedes calls its `mq`.
 *
 * mqemitter alone keeps what exceeds its concurrency too, but works it off by calling itself once for every message that
 * nobody wants. When the one who wants everything goes while thousands wait, as ingest does when it is killed in a flood, the
 * stack ends, and the broker with it. Here it matches only; what waits is kept and worked off beside it.
 */
import mqemitter from "mqemitter";

type Listener = Parameters<mqemitter.MQEmitter["on"]>[1];
type Done = (error?: Error) => void;

interface Waiting {
  readonly message: mqemitter.Message;
  readonly done: Done;
  next: Waiting | undefined;
}

export class Exchange {
  readonly #concurrency: number;
  readonly #emitter = mqemitter();
  #underWay = 0;
  #waiting = 0;
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #isWorkingOff = false;

  /** @param concurrency messages that are under way to their subscribers at a time */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /**
   * Messages that have been read and not been handed on. aedes reads no more from a client until its last ones have been, so
   * that there are never more than fit into `READ_BYTES_MAX` of each client.
   */
  get waiting(): number {
    return this.#waiting;
  }

  on(topic: string, listener: Listener, done?: () => void): this {
    this.#emitter.on(topic, listener, done);
    return this;
  }

  removeListener(topic: string, listener: Listener, done?: () => void): this {
    this.#emitter.removeListener(topic, listener, done);
    return this;
  }

  /** In the order of the calls; `done` when everybody has it. */
  emit(message: mqemitter.Message, done: Done = () => undefined): void {
    if (this.#waiting === 0 && this.#underWay < this.#concurrency) {
      this.#hand(message, done);
      return;
    }
    const last: Waiting = { message, done, next: undefined };
    if (this.#last === undefined) this.#first = last;
    else this.#last.next = last;
    this.#last = last;
    this.#waiting += 1;
  }

  close(done: () => void): void {
    this.#emitter.close(done);
  }

  #hand(message: mqemitter.Message, done: Done): void {
    this.#underWay += 1;
    this.#emitter.emit(message, (error) => {
      // Its place is still taken: what this brings about must not overtake what waits.
      done(error);
      this.#underWay -= 1;
      this.#workOff();
    });
  }

  /** What nobody wants is done before `#hand` returns: the loop takes the next one then, and not the call within it. */
  #workOff(): void {
    if (this.#isWorkingOff) return;
    this.#isWorkingOff = true;
    while (this.#first !== undefined && this.#underWay < this.#concurrency) {
      const { done, message, next } = this.#first;
      this.#first = next;
      if (next === undefined) this.#last = undefined;
      this.#waiting -= 1;
      this.#hand(message, done);
    }
    this.#isWorkingOff = false;
  }
}
