/** What must never be missed: panic buttons, intrusion zones, fire hosts. */
import { DataType } from "../datatype.ts";
import { flag, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const SAFETY = {
  Panic: {
    title: text("一键报警", "Panic button"),
    metrics: {
      Pressed: flag("已按下", "pressed", "alarm"),
      LineFault: flag("线路故障", "line fault", "alarm"),
    },
  },
  Zone: {
    title: text("防区", "Intrusion zone"),
    instance: text("防区", "zone"),
    metrics: {
      Intrusion: flag("入侵", "intrusion", "alarm"),
      Tamper: flag("防拆", "tamper", "alarm"),
      Fault: flag("线路故障", "line fault", "alarm"),
      Bypassed: flag("旁路", "bypassed"),
    },
  },
  Arming: {
    title: text("布防", "Arming"),
    metrics: {
      Armed: flag("已布防", "armed", "state", { writable: true }),
    },
  },
  /** A fire host is monitored, never commanded. */
  Fire: {
    title: text("火灾报警主机", "Fire alarm host"),
    metrics: {
      Alarm: flag("火警", "fire alarm", "alarm"),
      Fault: flag("故障", "fault", "alarm"),
      Shielded: flag("有屏蔽", "points shielded"),
      Supervisory: flag("监管报警", "supervisory", "alarm"),
      Started: flag("有启动", "outputs started", "alarm"),
      MainPowerFault: flag("主电故障", "main power fault", "alarm"),
      BackupPowerFault: flag("备电故障", "backup power fault", "alarm"),
      Manual: flag("手动状态", "manual mode"),
    },
    events: {
      Component: {
        title: text("部件状态", "component state"),
        dataClass: "alarm",
        fields: {
          system: { title: text("系统地址", "system address"), datatype: DataType.UInt8 },
          type: { title: text("部件类型", "component type"), datatype: DataType.String },
          address: { title: text("部件地址", "component address"), datatype: DataType.String },
          state: {
            title: text("状态", "state"),
            datatype: DataType.String,
            values: {
              normal: text("正常", "normal"),
              fire: text("火警", "fire"),
              fault: text("故障", "fault"),
              shielded: text("屏蔽", "shielded"),
              supervisory: text("监管", "supervisory"),
              started: text("启动", "started"),
              feedback: text("反馈", "feedback"),
              delayed: text("延时", "delayed"),
              "power-fault": text("电源故障", "power fault"),
              test: text("测试", "test"),
            },
          },
          text: { title: text("部件说明", "component text"), datatype: DataType.String },
        },
      },
      /** Somebody did something at the panel; `operator` is the panel's own number for a person. */
      Operation: {
        title: text("操作", "operation at the panel"),
        dataClass: "alarm",
        fields: {
          panel: {
            title: text("面板", "panel"),
            datatype: DataType.String,
            values: {
              host: text("报警主机", "fire alarm host"),
              transmitter: text("传输装置", "transmission device"),
            },
          },
          operation: {
            title: text("操作", "operation"),
            datatype: DataType.String,
            values: {
              reset: text("复位", "reset"),
              silence: text("消音", "silenced"),
              "manual-alarm": text("手动报警", "alarm given by hand"),
              "all-clear": text("警情消除", "all clear"),
              "self-test": text("自检", "self-test"),
              confirm: text("确认", "confirmed"),
              "roll-call": text("查岗应答", "roll call answered"),
              test: text("测试", "test"),
            },
          },
          operator: { title: text("操作员编号", "operator"), datatype: DataType.UInt8 },
        },
      },
      Measurement: {
        title: text("部件模拟量", "measurement of a component"),
        dataClass: "state",
        fields: {
          system: { title: text("系统地址", "system address"), datatype: DataType.UInt8 },
          type: { title: text("部件类型", "component type"), datatype: DataType.String },
          address: { title: text("部件地址", "component address"), datatype: DataType.String },
          quantity: {
            title: text("量", "quantity"),
            datatype: DataType.String,
            values: {
              events: text("事件计数", "events"),
              "height-m": text("高度（米）", "height (m)"),
              "temperature-cel": text("温度（°C）", "temperature (°C)"),
              "pressure-mpa": text("压力（MPa）", "pressure (MPa)"),
              "pressure-kpa": text("压力（kPa）", "pressure (kPa)"),
              "gas-lel": text("气体浓度（%LEL）", "gas (% LEL)"),
              "time-s": text("时间（秒）", "time (s)"),
              "voltage-v": text("电压（V）", "voltage (V)"),
              "current-a": text("电流（A）", "current (A)"),
              "flow-l-s": text("流量（L/s）", "flow (L/s)"),
              "air-m3-min": text("风量（m³/min）", "air flow (m³/min)"),
              "air-speed-m-s": text("风速（m/s）", "air speed (m/s)"),
            },
          },
          value: { title: text("数值", "value"), datatype: DataType.Double },
        },
      },
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
