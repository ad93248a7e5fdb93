/** Which devices a box watches, by its own word: who is retired when it names them no more, and who is back. */
import { ROSTER, readRoster, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type Device, isKnown } from "./device.ts";
import type { SampleInput } from "./input.ts";

/**
 * Takes what a box has just said, if that is a roster; yields the devices for which it changes something, changed. What it
 * said in the past has been overtaken by its birth.
 */
export function* registered(
  box: Device,
  samples: readonly SampleInput[],
  nodes: ReadonlyMap<string, readonly Device[]>,
  now: Timestamp,
): Generator<Device> {
  if (!box.isNode) return;
  const told = samples.find(
    ({ name, quality, historical }) => name === ROSTER && isKnown(quality) && !historical,
  );
  const roster = told === undefined ? undefined : readRoster(told.value);
  if (roster === undefined) return;
  for (const device of nodes.get(box.node) ?? []) {
    const retired = !device.isNode && !roster.has(device.key.slice(box.key.length + 1));
    if (retired === device.retired) continue;
    device.retired = retired;
    // Its birth is awaited, as after its box's return.
    if (!retired && !device.online) Object.assign(device, { withBox: true, changedAt: now });
    yield device;
  }
}
