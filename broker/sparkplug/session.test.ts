/** An edge node's session and a host's, over a broker that loses and reorders what it carries. */
import { CampusId, DataType, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type EdgeEffect, type EdgeInput, edgeSession, stepEdgeSession } from "./edge-session.ts";
import { type HostEffect, HostSession } from "./host-session.ts";
import type { Metric } from "./payload.ts";
import type { Publication } from "./publication.ts";

const device = DeviceId("counter-1");
const options = { campus: CampusId("qiyun-no1"), node: NodeId("edge-a") };
const REBIRTH_INTERVAL_MS = 1_000;

/** What the world does between two readings of the device. */
type Event = "data" | "lose" | "swap" | "late" | "death" | "link" | "tick";

class World {
  edge = edgeSession(options);
  readonly host = new HostSession({ host: "hub", reorderMs: 500, rebirthIntervalMs: REBIRTH_INTERVAL_MS });
  readonly accepted: { type: string; seq: number; value: number | undefined }[] = [];
  #inFlight: Publication[] = [];
  #held: Publication[] = [];
  #time = 1_000;
  #reading = 0;

  constructor() {
    this.host.connect(this.#time);
    this.host.connected();
    this.#atHost(this.host.subscribed(this.#time));
    this.connect();
  }

  connect(): void {
    for (const kind of ["connect", "connected", "subscribed"] as const) this.#atEdge({ kind });
  }

  happen(event: Event): void {
    this.#time += 10;
    if (event === "link") {
      // What a connection had not delivered when it broke comes before its successor's, or never.
      this.#held = [];
      this.#atEdge({ kind: "connection-lost" });
      this.connect();
    } else if (event === "death") {
      this.#atEdge({ kind: "device-death", time: this.#time, device });
      this.#atEdge({ kind: "device-birth", time: this.#time, birth: { device, metrics: [this.#counter()] } });
    } else if (event === "tick") {
      this.#time += REBIRTH_INTERVAL_MS;
      this.#atHost(this.host.tick(this.#time));
    } else {
      this.#reading += 1;
      this.#atEdge({ kind: "data", time: this.#time, device, metrics: [this.#counter()] });
      if (event === "lose") this.#inFlight.pop();
      if (event === "swap") this.#inFlight.reverse();
      if (event === "late") this.#held.push(...this.#inFlight.splice(0));
    }
    this.deliver(event !== "late");
  }

  /**
   * A broker keeps the order within a topic (MQTT 3.1.1, clause 4.6), and not between topics. What was published before
   * a node's birth does not come after it, though: both are numbered from 0, and nothing in Sparkplug tells them apart.
   */
  deliver(released: boolean): void {
    const batch = this.#inFlight.splice(0);
    const topics = new Set(batch.map(({ topic }) => topic));
    const held = released ? this.#held.splice(0) : [];
    const isBorn = batch.some(({ topic }) => topic.includes("/NBIRTH/"));
    const ordered = [
      ...held.filter(({ topic }) => isBorn || topics.has(topic)),
      ...batch,
      ...held.filter(({ topic }) => !isBorn && !topics.has(topic)),
    ];
    for (const { topic, payload } of ordered) this.#atHost(this.host.message(topic, payload, this.#time));
  }

  #counter(): Metric {
    return {
      name: "Port/1/InOctets",
      timestamp: this.#time,
      datatype: DataType.UInt64,
      value: this.#reading,
    };
  }

  #atEdge(input: EdgeInput): void {
    const { state, effects } = stepEdgeSession(this.edge, input);
    this.edge = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: EdgeEffect): void {
    if (effect.kind === "publish") this.#inFlight.push(effect.publication);
    if (effect.kind !== "birth-needed") return;
    const devices = [{ device, metrics: [this.#counter()] }];
    this.#atEdge({ kind: "birth", time: this.#time, metrics: [], devices });
  }

  #atHost(effects: readonly HostEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === "publish" && effect.publication.topic.includes("NCMD")) {
        this.#atEdge({ kind: "message", ...effect.publication });
      }
      if (effect.kind !== "accept") continue;
      const { type, payload } = effect.message;
      const value = type === "DDATA" ? payload.metrics[0]?.value : undefined;
      this.accepted.push({
        type,
        seq: payload.seq ?? -1,
        value: typeof value === "number" ? value : undefined,
      });
    }
  }
}

test("whatever the broker loses or swaps, the host accepts in order and once, and finds back by itself", () => {
  const event = fc.constantFrom<Event>(
    "data",
    "data",
    "data",
    "lose",
    "swap",
    "late",
    "death",
    "link",
    "tick",
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 400 }), (events) => {
      const world = new World();
      for (const each of events) world.happen(each);

      let expected: number | undefined;
      let last = -1;
      for (const { type, seq, value } of world.accepted) {
        if (type === "NBIRTH") expected = 0;
        expect(seq).toBe(expected);
        expected = (seq + 1) % 256;
        if (value === undefined) continue;
        expect(value).toBeGreaterThan(last);
        last = value;
      }

      // The broker behaves again: after a rebirth at the latest, a reading arrives.
      for (const each of ["data", "tick", "tick", "data", "tick", "data"] as const) world.happen(each);
      const before = world.accepted.length;
      world.happen("data");
      expect(world.accepted.slice(before).map(({ type }) => type)).toEqual(["DDATA"]);
    }),
    { numRuns: 300 },
  );
});
