/** Meters and what they measure. */
import { flag, gauge, text, total } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const ENERGY = {
  Meter: {
    title: text("电表", "Electricity meter"),
    metrics: {
      Energy: total("正向有功电能", "energy, imported", "kW.h"),
      EnergyExported: total("反向有功电能", "energy, exported", "kW.h"),
      Power: gauge("有功功率", "active power", "kW", [-10_000, 10_000], 0.05),
      PowerFactor: gauge("功率因数", "power factor", "1", [-1, 1], 0.02),
      Frequency: gauge("频率", "frequency", "Hz", [40, 70], 0.05),
      Overload: flag("过载", "overload", "alarm"),
      LeakageCurrent: gauge("剩余电流", "residual current", "mA", [0, 30_000], 5),
      CableTemperature: gauge("线缆温度", "cable temperature", "Cel", [-40, 200], 1),
    },
  },
  Phase: {
    title: text("相", "Phase"),
    instance: text("相", "phase"),
    metrics: {
      Voltage: gauge("电压", "voltage", "V", [0, 1000], 1),
      /** Negative where the meter tells the direction with it. */
      Current: gauge("电流", "current", "A", [-10_000, 10_000], 0.1),
      Power: gauge("有功功率", "active power", "kW", [-10_000, 10_000], 0.05),
    },
  },
  Water: {
    title: text("水表", "Water meter"),
    metrics: {
      Volume: total("累计用水", "volume", "m3"),
      Flow: gauge("瞬时流量", "flow", "m3/h", [0, 10_000], 0.05),
      ValveClosed: flag("阀门关闭", "valve closed"),
      /** Neither open nor closed: it is stuck in between. */
      ValveFault: flag("阀门故障", "valve fault", "alarm"),
    },
  },
  Heat: {
    title: text("热量表", "Heat meter"),
    metrics: {
      Energy: total("累计热量", "heat", "kW.h"),
      Power: gauge("热功率", "thermal power", "kW", [0, 100_000], 0.1),
      Flow: gauge("瞬时流量", "flow", "m3/h", [0, 10_000], 0.05),
      Volume: total("累计流量", "volume", "m3"),
      SupplyTemperature: gauge("供水温度", "supply temperature", "Cel", [0, 180], 0.2),
      ReturnTemperature: gauge("回水温度", "return temperature", "Cel", [0, 180], 0.2),
      Hours: total("累计工作时间", "hours of work", "h"),
    },
  },
  Ups: {
    title: text("不间断电源", "Uninterruptible power supply"),
    metrics: {
      OnBattery: flag("电池供电", "on battery", "alarm"),
      BatteryLow: flag("电池电量低", "battery low", "alarm"),
      Load: gauge("负载", "load", "%", [0, 200], 2),
      Runtime: gauge("剩余供电时间", "time left on battery", "s", [0, 1e6], 60),
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
