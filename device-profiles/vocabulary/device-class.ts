import type { LocalText } from "./text.ts";

/** The classes of devices a campus has. */
export const DEVICE_CLASSES = {
  camera: { zh: "摄像机", en: "camera" },
  recorder: { zh: "录像机", en: "recorder" },
  "access-gate": { zh: "通道闸机", en: "access gate" },
  "card-reader": { zh: "读卡器", en: "card reader" },
  "temperature-scanner": { zh: "测温设备", en: "temperature scanner" },
  "visitor-terminal": { zh: "访客机", en: "visitor terminal" },
  projector: { zh: "投影机", en: "projector" },
  display: { zh: "显示屏", en: "display" },
  "classroom-controller": { zh: "教室中控", en: "classroom controller" },
  switch: { zh: "交换机", en: "switch" },
  "access-point": { zh: "无线接入点", en: "access point" },
  "panic-button": { zh: "一键报警器", en: "panic button" },
  "intrusion-host": { zh: "入侵报警主机", en: "intrusion alarm host" },
  "fire-host": { zh: "火灾报警主机", en: "fire alarm host" },
  broadcast: { zh: "广播", en: "public address" },
  "environment-sensor": { zh: "环境传感器", en: "environment sensor" },
  meter: { zh: "计量表", en: "meter" },
  actuator: { zh: "执行器", en: "actuator" },
  "bus-terminal": { zh: "校车终端", en: "bus terminal" },
  ups: { zh: "不间断电源", en: "uninterruptible power supply" },
  "edge-box": { zh: "边缘盒", en: "edge box" },
  hub: { zh: "平台", en: "platform" },
  service: { zh: "平台服务", en: "platform service" },
  flow: { zh: "自定义流程", en: "flow" },
} as const satisfies Record<string, LocalText>;

export type DeviceClass = keyof typeof DEVICE_CLASSES;
