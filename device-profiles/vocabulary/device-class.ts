import type { LocalText } from "./text.ts";

/** The classes of devices a campus has. */
export const DEVICE_CLASSES = {
  camera: { zh: "摄像机", en: "camera" },
  "access-gate": { zh: "通道闸机", en: "access gate" },
  "temperature-scanner": { zh: "测温设备", en: "temperature scanner" },
  projector: { zh: "投影机", en: "projector" },
  switch: { zh: "交换机", en: "switch" },
  "panic-button": { zh: "一键报警器", en: "panic button" },
  "environment-sensor": { zh: "环境传感器", en: "environment sensor" },
  "edge-box": { zh: "边缘盒", en: "edge box" },
} as const satisfies Record<string, LocalText>;

export type DeviceClass = keyof typeof DEVICE_CLASSES;
