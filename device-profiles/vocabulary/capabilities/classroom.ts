/** What a classroom is controlled by. */
import { DataType } from "../datatype.ts";
import { choice, counter, flag, gauge, OK_WARNING_ERROR, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const CLASSROOM = {
  Relay: {
    title: text("继电器", "Relay"),
    instance: text("路", "output"),
    metrics: { Closed: flag("吸合", "closed", "state", { writable: true }) },
  },
  Projector: {
    title: text("投影机", "Projector"),
    metrics: {
      Power: choice(
        "电源",
        "power",
        {
          off: text("关", "off"),
          on: text("开", "on"),
          cooling: text("散热中", "cooling"),
          warming: text("预热中", "warming"),
        },
        { writable: true },
      ),
      Input: choice("输入源", "input", {}),
      LampHours: { ...counter("灯泡时数", "lamp hours", "h") },
      Fan: choice("风扇", "fan", OK_WARNING_ERROR),
      Lamp: choice("灯泡", "lamp", OK_WARNING_ERROR),
      Overheat: choice("温度", "temperature", OK_WARNING_ERROR),
      Cover: choice("盖板", "cover", OK_WARNING_ERROR),
      Filter: choice("滤网", "filter", OK_WARNING_ERROR),
      Other: choice("其他", "other", OK_WARNING_ERROR),
    },
  },
  Display: {
    title: text("显示屏", "Display"),
    metrics: {
      Power: flag("开机", "on", "state", { writable: true }),
      Input: choice("信号源", "input", {}, { writable: true }),
      Brightness: gauge("亮度", "brightness", "%", [0, 100], 1, { writable: true }),
      Volume: gauge("音量", "volume", "%", [0, 100], 1, { writable: true }),
      Muted: flag("静音", "muted", "state", { writable: true }),
    },
  },
  Controller: {
    title: text("中控", "Central controller"),
    metrics: {
      System: flag("上课模式", "room in use", "state", { writable: true }),
      Source: choice(
        "信号源",
        "source",
        {
          computer: text("台式电脑", "room computer"),
          laptop: text("笔记本", "laptop"),
          camera: text("展台", "document camera"),
          wireless: text("无线投屏", "wireless"),
          other: text("其他", "other"),
        },
        { writable: true },
      ),
      Screen: choice(
        "幕布",
        "screen",
        { up: text("升", "up"), down: text("降", "down"), stopped: text("停", "stopped") },
        { writable: true },
      ),
      Volume: gauge("音量", "volume", "%", [0, 100], 1, { writable: true }),
      Muted: flag("静音", "muted", "state", { writable: true }),
      Locked: flag("面板锁定", "panel locked", "state", { writable: true }),
      Mains: flag("设备总电源", "mains for the equipment", "state", { writable: true }),
      Computer: flag("电脑开机", "computer on"),
    },
    events: {
      /** A teacher's card at the desk: who used the room, for the use record. */
      Session: {
        title: text("使用登记", "use of the room"),
        dataClass: "access",
        fields: {
          credential: { title: text("凭证", "credential"), datatype: DataType.String, personal: true },
          begin: { title: text("开始", "begins"), datatype: DataType.Boolean },
        },
      },
    },
  },
  Broadcast: {
    title: text("广播", "Public address"),
    metrics: {
      Playing: flag("正在广播", "playing"),
      Volume: gauge("音量", "volume", "%", [0, 100], 1, { writable: true }),
      Siren: flag("警号", "siren", "state", { writable: true }),
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
