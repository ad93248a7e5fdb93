import type { IsapiProfile } from "../isapi-profile.ts";

/** Reader 1 is outside or is the terminal itself, reader 2 inside, as the manuals number them. */
export const READERS = { 1: "in", 2: "out" } as const;

/** Card and face terminals, and door controllers with one door, of Hikvision. */
export const hikvisionTerminal: IsapiProfile = {
  protocol: "isapi",
  id: "access-gate/hikvision-isapi-terminal",
  vendor: "Hikvision",
  model: "DS-K1T / DS-K26 series (ISAPI)",
  title: { zh: "海康威视门禁一体机（ISAPI）", en: "Hikvision access terminal (ISAPI)" },
  class: "access-gate",
  proven: "vectors",
  sources: [
    "Hikvision ISAPI, access control: alertStream, AcsEvent, AcsWorkStatus, RemoteControl/door",
    "Hikvision device network SDK, access control: major and minor event types",
  ],
  pollInterval_ms: 10_000,
  alerts: [],
  access: { readers: READERS },
};
