/**
 * Hands what a client publishes to those who subscribed to it: what aedes calls its `mq`.
 *
 * mqemitter alone keeps what exceeds its concurrency too, but works it off by calling itself once for every message that
 * nobody wants. When the one who wants everything goes while thousands wait, as ingest does when it is killed in a flood, the
 * stack ends, and the broker with it. Here it matches only; what waits is kept and worked off beside it: one message of each
 * client, one client after the other, so that who sends a little does not wait behind who sends without end.
 */
import mqemitter from "mqemitter";

type Listener = Parameters<mqemitter.MQEmitter["on"]>[1];
type Done = (error?: Error) => void;

interface Waiting {
  readonly message: mqemitter.Message;
  readonly done: Done;
  next: Waiting | undefined;
}

/** What waits of one client, in its order. */
interface Lane {
  first: Waiting;
  last: Waiting;
}

/**
 * aedes numbers messages as they come, and takes one with a lower number than a subscriber has seen for a copy. Those whose order turns
 * change are numbered by their turns, under a name of their own; those of QoS 1 and 2 are known to its persistence by their
 * numbers, keep them, and wait in one line.
 */
const TURNS = "turns";
const ACKNOWLEDGED = Symbol("QoS 1 and 2");
const isAcknowledged = ({ qos }: mqemitter.Message): boolean => Number(qos ?? 0) > 0;

export class Exchange {
  readonly #concurrency: number;
  readonly #isPrompt: (topic: string) => boolean;
  readonly #emitter = mqemitter();
  #underWay = 0;
  #waiting = 0;
  /** By client id, in the order of their turns; what the broker itself says is under none. */
  readonly #lanes = new Map<unknown, Lane>();
  #handed = 0;
  #isWorkingOff = false;

  /**
   * @param concurrency messages that are under way to their subscribers at a time
   * @param isPrompt topics whose messages wait for nobody: nothing else may be published to them by the same client, or order is lost
   */
  constructor(concurrency: number, isPrompt: (topic: string) => boolean = () => false) {
    this.#concurrency = concurrency;
    this.#isPrompt = isPrompt;
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

  /** In the order of the calls for each client (`clientId` of a message) and for QoS 1 and 2; `done` when everybody has it. */
  emit(message: mqemitter.Message, done: Done = () => undefined): void {
    const isFree = this.#waiting === 0 && this.#underWay < this.#concurrency;
    if (isFree || (!isAcknowledged(message) && this.#isPrompt(message.topic))) {
      this.#hand(message, done);
      return;
    }
    const last: Waiting = { message, done, next: undefined };
    const key = isAcknowledged(message) ? ACKNOWLEDGED : message.clientId;
    const lane = this.#lanes.get(key);
    if (lane === undefined) this.#lanes.set(key, { first: last, last });
    else {
      lane.last.next = last;
      lane.last = last;
    }
    this.#waiting += 1;
  }

  close(done: () => void): void {
    this.#emitter.close(done);
  }

  #hand(message: mqemitter.Message, done: Done): void {
    this.#underWay += 1;
    if (!isAcknowledged(message)) {
      this.#handed += 1;
      Object.assign(message, { brokerId: TURNS, brokerCounter: this.#handed });
    }
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
    while (this.#waiting > 0 && this.#underWay < this.#concurrency) {
      const next = this.#next();
      if (next !== undefined) this.#hand(next.message, next.done);
    }
    this.#isWorkingOff = false;
  }

  #next(): Waiting | undefined {
    const [client, lane] = this.#lanes.entries().next().value ?? [];
    if (lane === undefined) return undefined;
    const { first } = lane;
    // Behind the others.
    this.#lanes.delete(client);
    if (first.next !== undefined) {
      lane.first = first.next;
      this.#lanes.set(client, lane);
    }
    this.#waiting -= 1;
    return first;
  }
}
