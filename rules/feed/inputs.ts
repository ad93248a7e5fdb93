/** From decoded journal entries to what the core takes. */
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { addressKey, type SampleValue } from "@campus-ops/device-profiles/vocabulary";
import type { EventInput, Input, SampleInput, Scalar } from "../core/input.ts";

/** What one entry means, in order. An entry that says nothing still tells the time. */
export function inputsOf(entry: DecodedEntry): readonly Input[] {
  const inputs = meaningOf(entry);
  return inputs.map((input, index) => (index < inputs.length - 1 ? { ...input, more: true } : input));
}

function meaningOf(entry: DecodedEntry): readonly Input[] {
  const { seq, receivedAt, kind, address } = entry;
  const from = { seq, receivedAt };
  const clock: Input = { ...from, kind: "clock" };
  if (address === undefined || entry.problem !== undefined) return [clock];
  const deaths = entry.presence
    .filter(({ online }) => !online)
    .map(({ address: gone }): Input => {
      const withBox = gone.device !== undefined && address.device === undefined;
      return { ...from, kind: "death", address: addressKey(gone), ...(withBox ? { withBox } : {}) };
    });
  switch (kind) {
    case "NBIRTH":
    case "DBIRTH":
      return [
        ...deaths,
        {
          ...from,
          kind: "birth",
          address: addressKey(address),
          samples: samplesOf(entry),
          ...(entry.newSession === undefined ? {} : { newSession: entry.newSession }),
        },
      ];
    case "NDEATH":
    case "DDEATH":
      return deaths.length > 0 ? deaths : [clock];
    default:
      return [
        {
          ...from,
          kind: "data",
          address: addressKey(address),
          samples: samplesOf(entry),
          events: entry.events.map(
            ({ event, id, fields, quality, eventTime, historical }): EventInput => ({
              name: event,
              id,
              fields: Object.fromEntries(
                Object.entries(fields).map(([name, value]) => [name, scalar(value)]),
              ),
              quality,
              eventTime,
              historical,
            }),
          ),
        },
      ];
  }
}

function samplesOf({ samples }: DecodedEntry): readonly SampleInput[] {
  return samples.map(({ metric, value, quality, eventTime, historical }) => ({
    name: metric,
    value: scalar(value),
    quality,
    eventTime,
    historical,
  }));
}

function scalar(value: SampleValue): Scalar {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
