import type { MetricView } from "@campus-ops/ingest/api";
import { expect, test } from "vitest";
import { en } from "../text/en.ts";
import { commandChoices } from "./command-choices.ts";

const metric = (name: string, value: MetricView["value"]): MetricView => ({
  name,
  value,
  quality: { status: "good" },
  eventTime: 0,
  receivedAt: 0,
});

test("a powered port can be cycled, off first and then on, or switched off", () => {
  expect(commandChoices(metric("PoE/3/Enabled", true), en)).toEqual([
    { title: en.commands.poeCycle, metric: "PoE/3/Enabled", values: [false, true] },
    { title: en.commands.poeOff, metric: "PoE/3/Enabled", values: [false] },
  ]);
});

test("a projector is offered the state it is not in or going to", () => {
  const offered = (value: string) => commandChoices(metric("Projector/Power", value), en)[0]?.values;
  expect(["off", "cooling", "warming", "on"].map(offered)).toEqual([["on"], ["on"], ["off"], ["off"]]);
});

test("nothing is offered for what cannot be written, or what the dictionary does not know", () => {
  expect(commandChoices(metric("Door/Open", true), en)).toEqual([]);
  expect(commandChoices(metric("Door/Nonsense", true), en)).toEqual([]);
});
