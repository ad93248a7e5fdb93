/** A made-up campus for tests. */
import {
  CampusId,
  type DeviceEvent,
  GOOD,
  NodeId,
  type Sample,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";
import type { EdgeDevice } from "./small-edge.ts";

export const CAMPUS = CampusId("qiyun-no1");
export const NODE = NodeId("box-1");
export const HOST = "hub";
const PATH = "990100/990102/qiyun-no1";

export const SITE: Site = {
  city: { code: "990100", title: { zh: "云州市", en: "Yunzhou" } },
  counties: [
    {
      code: "990102",
      title: { zh: "栖云区", en: "Qiyun" },
      campuses: [{ id: CAMPUS, title: { zh: "栖云第一中学", en: "Qiyun No. 1 School" } }],
    },
  ],
};

export function sample(metric: string, value: Sample["value"], eventTime: number): Sample {
  return { metric, value, quality: GOOD, eventTime };
}

export function swipe(serial: number, result: "granted" | "refused", eventTime: number): DeviceEvent {
  const fields = { serial, credential: "0123456789abcdef", result, reason: "none", direction: "in" };
  return { event: "Access/Swipe", id: `swipe-${serial}`, eventTime, quality: GOOD, fields };
}

export function devices(time: number): EdgeDevice[] {
  return [
    {
      id: "gate",
      properties: {
        Class: "access-gate",
        Profile: "access-gate/test",
        TitleZh: "东门",
        TitleEn: "east gate",
        Path: `${PATH}/a`,
      },
      samples: [
        sample("Connectivity/Online", true, time),
        sample("Door/Open", false, time),
        sample("Door/Unlocked", false, time),
      ],
      events: ["Access/Swipe", "Command/Result"],
    },
    {
      id: "projector",
      properties: {
        Class: "projector",
        Profile: "projector/test",
        TitleZh: "投影机",
        TitleEn: "projector",
        Path: `${PATH}/a/3/301`,
      },
      samples: [sample("Projector/Power", "off", time), sample("Projector/Fan", "ok", time)],
    },
    {
      id: "air",
      properties: {
        Class: "environment-sensor",
        Profile: "environment-sensor/test",
        TitleZh: "空气",
        TitleEn: "air",
        Path: `${PATH}/a/3/301`,
      },
      samples: [sample("Environment/Temperature", 20, time), sample("Environment/CO2", 500, time)],
    },
  ];
}
