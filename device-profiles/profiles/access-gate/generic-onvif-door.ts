import type { OnvifProfile } from "../onvif-profile.ts";

/** A door controller of ONVIF Profile C or A. `?door=` in its address chooses one of several. */
export const genericOnvifDoor: OnvifProfile = {
  protocol: "onvif",
  id: "access-gate/generic-onvif-door",
  vendor: "generic",
  model: "ONVIF Profile C door controller",
  title: { zh: "通用 ONVIF 门禁控制器", en: "Any ONVIF door controller" },
  class: "access-gate",
  proven: "vectors",
  sources: [
    "ONVIF Door Control Service Specification, clauses 5.3 (control) and 6 (Door/State)",
    "ONVIF Access Control Service Specification, clause 6 (AccessControl)",
  ],
  pollInterval_ms: 10_000,
  topics: [
    {
      topic: "Door/State/DoorPhysicalState",
      item: "State",
      metric: "Door/Open",
      values: { Open: true, Closed: false },
    },
    {
      topic: "Door/State/LockPhysicalState",
      item: "State",
      metric: "Door/Unlocked",
      values: { Unlocked: true, Locked: false },
    },
    {
      topic: "Door/State/DoorMode",
      item: "State",
      metric: "Door/Mode",
      values: {
        Locked: "controlled",
        Accessed: "controlled",
        DoubleLocked: "controlled",
        Unlocked: "unlocked",
        LockedOpen: "unlocked",
        LockedDown: "locked",
        Blocked: "locked",
      },
    },
    {
      topic: "Door/State/DoorAlarm",
      item: "State",
      metric: "Door/Forced",
      values: { DoorForcedOpen: true, DoorOpenTooLong: false, Normal: false },
    },
    {
      topic: "Door/State/DoorAlarm",
      item: "State",
      metric: "Door/HeldOpen",
      values: { DoorOpenTooLong: true, DoorForcedOpen: false, Normal: false },
    },
    {
      topic: "Door/State/DoorTamper",
      item: "State",
      metric: "Door/Tamper",
      values: { TamperDetected: true, NotInTamper: false },
    },
  ],
  door: true,
};
