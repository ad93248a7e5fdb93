/**
 * Rule condition: the same core that the platform's own rules run on, over the messages of a flow. The first output
 * gets a message when the condition has been true for long enough, the second when it is over.
 */
import { type DEVICE_CLASSES, GOOD } from "@campus-ops/device-profiles/vocabulary";
import { cycleCalendar } from "@campus-ops/rules/core/calendar";
import type { Effect } from "@campus-ops/rules/core/effect";
import { Engine } from "@campus-ops/rules/core/engine";
import type { Scalar } from "@campus-ops/rules/core/input";
import { loadPacks } from "@campus-ops/rules/packs";
import { InvalidDocumentError } from "@campus-ops/service";
import type { FlowMessage, FlowNode, Red, Send } from "./red.ts";

interface Definition {
  /** As in a rule pack: `threshold: { metric: Environment/CO2, above: 1500 }`. */
  readonly condition: string;
  readonly onDelay?: string;
  readonly offDelay?: string;
}

/** A message for one of the two outputs. */
type Output = readonly [FlowMessage | null, FlowMessage | null];

const TICK_MS = 1_000;
const DAY_MS = 86_400_000;
/** Devices that one condition follows; what comes from more is an error of the flow. */
export const CONDITION_DEVICES_MAX = 2_000;
/** The core selects by class; a flow has chosen already. */
const CLASS: keyof typeof DEVICE_CLASSES = "flow";

const NODE = "flow/node";

/** The pack of one rule around a condition; indented so that what was written stays a block. */
export function packOf({ condition, onDelay, offDelay }: Definition): string {
  const block = condition
    .trimEnd()
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
  const text = "{ zh: 流程, en: flow }";
  return [
    "pack: flow",
    `title: ${text}`,
    "rules:",
    "  - id: condition",
    "    version: 1",
    `    title: ${text}`,
    "    priority: 4",
    `    selector: { class: [${CLASS}] }`,
    "    condition:",
    block,
    ...(onDelay ? [`    onDelay: ${onDelay}`] : []),
    ...(offDelay ? [`    offDelay: ${offDelay}`] : []),
    "    respondWithin: 1h",
    `    card: { cause: ${text}, consequence: ${text}, action: ${text} }`,
  ].join("\n");
}

/** One condition over the messages of a flow. Throws {@link InvalidDocumentError} when it cannot be read. */
export class FlowCondition {
  readonly #engine: Engine;
  readonly #devices = new Map<string, FlowMessage>();
  #seq = 0;

  constructor(definition: Definition) {
    const calendar = cycleCalendar({ period_ms: DAY_MS, anchor: 0, windows: {} });
    const rules = loadPacks([{ name: "condition", text: packOf(definition) }], {}, calendar.windows);
    this.#engine = new Engine({ rules, calendar, campusPath: () => "flow", grace_ms: 0 });
  }

  /** A reading; answers with the messages for both outputs. Throws a RangeError beyond the bound of devices. */
  take(message: FlowMessage, now: number): readonly Output[] {
    const campus = (message.campus ?? {}) as {
      device?: string;
      metric?: string;
      eventTime?: number;
      quality?: typeof GOOD;
    };
    const key = campus.device ?? "flow";
    const metric = campus.metric ?? String(message.topic ?? "");
    const address = `${NODE}/${Buffer.from(key).toString("hex").slice(0, 120)}`;
    const outputs: Output[] = [];
    if (this.#seq === 0) this.#step({ kind: "birth", address: NODE, samples: classOf("edge-box", now) }, now);
    if (!this.#devices.has(address)) {
      if (this.#devices.size >= CONDITION_DEVICES_MAX)
        throw new RangeError(`a condition follows at most ${CONDITION_DEVICES_MAX} devices`);
      this.#devices.set(address, message);
      outputs.push(
        ...this.#step(
          { kind: "birth", address, samples: [...classOf(CLASS, now), ...sampleOf(metric, null, now)] },
          now,
        ),
      );
    }
    this.#devices.set(address, message);
    const value = scalar(message.payload);
    const samples = sampleOf(metric, value, Math.min(now, campus.eventTime ?? now), campus.quality);
    return [...outputs, ...this.#step({ kind: "data", address, samples, events: [] }, now)];
  }

  tick(now: number): readonly Output[] {
    return this.#step({ kind: "clock" }, now);
  }

  #step(
    input: { readonly kind: "birth" | "data" | "clock"; readonly [more: string]: unknown },
    now: number,
  ): readonly Output[] {
    this.#seq += 1;
    const effects = this.#engine.step({ ...input, seq: this.#seq, receivedAt: now } as never);
    return effects.flatMap((effect) => {
      const output = this.#output(effect);
      return output === undefined ? [] : [output];
    });
  }

  #output(effect: Effect): Output | undefined {
    if (effect.kind !== "transition") return undefined;
    const { event } = effect.transition;
    if (event !== "raise" && event !== "return") return undefined;
    const message: FlowMessage = {
      ...this.#devices.get(effect.alarm.device.key),
      payload: event === "raise",
      text: effect.alarm.explanation.zh,
      explanation: effect.alarm.explanation,
    };
    return event === "raise" ? [message, null] : [null, message];
  }
}

const classOf = (name: string, eventTime: number) => sampleOf("Properties/Class", name, eventTime);

function sampleOf(name: string, value: Scalar, eventTime: number, quality: typeof GOOD = GOOD) {
  return [{ name, value, quality, eventTime, historical: false }];
}

function scalar(value: unknown): Scalar {
  return typeof value === "boolean" || typeof value === "number" || typeof value === "string" ? value : null;
}

export function registerCondition(red: Red): void {
  red.nodes.registerType("campus-condition", function (this: FlowNode, definition: Definition) {
    red.nodes.createNode(this, definition);
    let condition: FlowCondition;
    try {
      condition = new FlowCondition(definition);
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      this.status({ fill: "red", shape: "ring", text: error.problems[0]?.message ?? error.message });
      this.error(error.message);
      return;
    }
    const pass = (outputs: readonly Output[], send: Send): void => {
      for (const each of outputs) {
        this.status(each[0] === null ? { fill: "grey", shape: "ring" } : { fill: "red", shape: "dot" });
        send(each);
      }
    };
    const timer = setInterval(() => pass(condition.tick(Date.now()), (each) => this.send(each)), TICK_MS);
    this.on("input", (message, send, done) => {
      try {
        pass(condition.take(message, Date.now()), send);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.on("close", (done) => {
      clearInterval(timer);
      done();
    });
  });
}
