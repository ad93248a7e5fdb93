/** An alarm as its hub tells the parent: the fields of the event `HubAlarm/Changed`. */
import { DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import type { Scalar } from "../input.ts";
import type { Rule } from "../rule.ts";
import type { AlarmRecord } from "../view.ts";
import { type BookEntry, heardBy } from "./book.ts";
import { type Clearance, replicaForParent, titleForParent } from "./upward.ts";
import { writeFacts } from "./wire.ts";

/** `rule`: the alarm's own, where it is in force here. */
export function tellingOf(
  alarm: AlarmRecord,
  entry: BookEntry,
  hub: string,
  clears: ReadonlySet<Clearance>,
  rule: Rule | undefined,
): Readonly<Record<string, Scalar>> {
  const { causeId, device, drill, id, instance, lastKnown, late, occurrence, priority, symptoms, title } =
    alarm;
  const named = titleForParent(device.title, DEVICE_CLASSES[device.class], clears);
  // An instance that is no part of the device is a person's: a card, a visitor.
  const isPart = alarm.hub !== undefined || rule?.instance === "*";
  return {
    alarm: id,
    occurrence,
    rule: alarm.rule,
    priority,
    latching: entry.replica.latching,
    titleZh: title.zh,
    titleEn: title.en,
    asset: device.key,
    class: device.class,
    path: device.path,
    deviceZh: alarm.hub === undefined ? named.zh : device.title.zh,
    deviceEn: alarm.hub === undefined ? named.en : device.title.en,
    instance: isPart ? (instance ?? "") : "",
    causeId: causeId ?? "",
    symptoms,
    drill: drill !== undefined,
    late: late === true,
    lastKnown: lastKnown ?? null,
    facts: writeFacts({ replica: replicaForParent(entry.replica, hub, clears), heard: heardBy(entry) }),
  };
}
