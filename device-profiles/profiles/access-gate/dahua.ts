import type { DahuaProfile } from "../dahua-profile.ts";

/** Access controllers and face terminals of Dahua. Who passed comes out of their log, which has the serial numbers. */
export const dahuaAccessController: DahuaProfile = {
  protocol: "dahua",
  id: "access-gate/dahua",
  vendor: "Dahua",
  model: "access controller, ASI face terminal (HTTP API)",
  title: {
    zh: "大华门禁控制器、人脸一体机（HTTP API）",
    en: "Dahua access controller and face terminal (HTTP API)",
  },
  class: "access-gate",
  proven: "vectors",
  sources: [
    "Dahua HTTP API for access control: accessControl openDoor, closeDoor, getDoorStatus; recordFinder AccessControlCardRec; configManager AccessControl",
    "Dahua network SDK: methods and error codes of access records",
  ],
  pollInterval_ms: 10_000,
  topics: [
    { code: "BreakIn", metric: "Door/Forced" },
    { code: "DoorNotClosed", metric: "Door/HeldOpen" },
    { code: "ChassisIntruded", metric: "Door/Tamper" },
  ],
  access: true,
};
