/** Journal entries for tests, made in one line. */
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import type { EntryKind, NewEntry } from "../journal.ts";

export const CAMPUS = CampusId("qiyun-no1");
export const NODE = NodeId("box-1");

export function entry(
  kind: EntryKind,
  text: string,
  more: Partial<NewEntry> & { device?: string } = {},
): NewEntry {
  const { device, ...rest } = more;
  const address = { campus: CAMPUS, node: NODE };
  return {
    receivedAt: 1_700_000_000_000,
    kind,
    payload: new TextEncoder().encode(text),
    ...(kind === "CLOCK"
      ? {}
      : { address: device === undefined ? address : { ...address, device: DeviceId(device) } }),
    ...rest,
  };
}
