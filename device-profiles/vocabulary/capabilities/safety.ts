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
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
