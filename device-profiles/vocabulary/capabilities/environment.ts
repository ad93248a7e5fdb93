/** Rooms: air, light, presence, and what acts on them. */
import { DataType } from "../datatype.ts";
import { choice, flag, gauge, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const ENVIRONMENT = {
  Environment: {
    title: text("环境", "Environment"),
    metrics: {
      Temperature: gauge("气温", "temperature", "Cel", [-40, 85], 0.2),
      Humidity: gauge("相对湿度", "relative humidity", "%", [0, 100], 1),
      CO2: gauge("二氧化碳", "carbon dioxide", "[ppm]", [300, 10_000], 20),
      PM25: gauge("PM2.5", "PM2.5", "ug/m3", [0, 1000], 3),
      PM10: gauge("PM10", "PM10", "ug/m3", [0, 2000], 5),
      TVOC: gauge("总挥发性有机物", "volatile organic compounds", "mg/m3", [0, 60], 0.05),
      Formaldehyde: gauge("甲醛", "formaldehyde", "mg/m3", [0, 10], 0.01),
      Illuminance: gauge("照度", "illuminance", "lx", [0, 200_000], 20),
      Noise: gauge("噪声", "noise", "dB", [0, 150], 2),
      Pressure: gauge("气压", "air pressure", "hPa", [300, 1200], 0.5),
      Smoke: flag("烟雾", "smoke", "alarm"),
      Gas: flag("燃气泄漏", "combustible gas", "alarm"),
      Leak: flag("漏水", "leak", "alarm"),
    },
  },
  Presence: {
    title: text("人员存在", "Presence"),
    metrics: { Occupied: flag("有人", "occupied") },
  },
  Contact: {
    title: text("门窗磁", "Contact"),
    metrics: { Open: flag("打开", "open"), Tamper: flag("防拆", "tamper", "alarm") },
  },
  Button: {
    title: text("按键", "Button"),
    metrics: {},
    events: {
      Pressed: {
        title: text("按下", "pressed"),
        dataClass: "state",
        fields: { action: { title: text("动作", "action"), datatype: DataType.String } },
      },
    },
  },
  Outlet: {
    title: text("插座", "Outlet"),
    metrics: { On: flag("通电", "on", "state", { writable: true }) },
  },
  Light: {
    title: text("灯光", "Light"),
    metrics: {
      On: flag("开", "on", "state", { writable: true }),
      Level: gauge("亮度", "level", "%", [0, 100], 1, { writable: true }),
    },
  },
  Climate: {
    title: text("空调", "Air conditioning"),
    metrics: {
      On: flag("开机", "on", "state", { writable: true }),
      Setpoint: gauge("设定温度", "setpoint", "Cel", [5, 40], 0.5, { writable: true }),
      Mode: choice(
        "模式",
        "mode",
        {
          cool: text("制冷", "cool"),
          heat: text("制热", "heat"),
          dry: text("除湿", "dry"),
          fan: text("送风", "fan"),
          auto: text("自动", "auto"),
        },
        { writable: true },
      ),
      Fault: flag("故障", "fault"),
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
