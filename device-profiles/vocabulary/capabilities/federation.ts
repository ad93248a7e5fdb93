/** What a hub tells its parent of its alarms and of its days, and is told by it. Roll-ups are `Rollup`, in `platform.ts`. */
import { DataType } from "../datatype.ts";
import { attribute, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

const words = (zh: string, en: string) => ({ title: text(zh, en), datatype: DataType.String });
const whole = (zh: string, en: string) => ({ title: text(zh, en), datatype: DataType.UInt32 });
const amount = (zh: string, en: string) => ({ title: text(zh, en), datatype: DataType.Double });
const moment = (zh: string, en: string) => ({ title: text(zh, en), datatype: DataType.DateTime });
const flag = (zh: string, en: string) => ({ title: text(zh, en), datatype: DataType.Boolean });

export const FEDERATION = {
  HubAlarm: {
    title: text("下级平台报警", "Alarm of a hub"),
    metrics: {
      /** What the parent knows of one alarm and this hub does not: JSON, see `rules/core/replica/wire.ts`. */
      Heard: {
        ...attribute("上级处理", "what the parent did"),
        kind: "state",
        dataClass: "alarm",
        writable: true,
      },
    },
    events: {
      /** One alarm as it is now; told again with each change. */
      Changed: {
        title: text("报警变化", "alarm changed"),
        dataClass: "alarm",
        fields: {
          alarm: words("报警编号", "alarm id"),
          occurrence: whole("次数", "occurrence"),
          rule: words("规则", "rule"),
          priority: whole("级别", "priority"),
          latching: flag("锁存", "latching"),
          titleZh: words("名称", "title (Chinese)"),
          titleEn: words("英文名称", "title"),
          asset: words("设备编号", "device key"),
          class: words("设备类别", "device class"),
          path: words("位置", "asset path"),
          deviceZh: words("设备名称", "device title (Chinese)"),
          deviceEn: words("设备英文名称", "device title"),
          instance: words("实例", "instance"),
          causeId: words("根因", "cause"),
          symptoms: whole("症状数", "symptoms"),
          drill: flag("演练", "drill"),
          late: flag("迟到", "late"),
          /** The campus's hub has been cut off since then; null where it has not. */
          lastKnown: { title: text("最后已知", "last known"), datatype: DataType.DateTime },
          /** Facts with their hybrid times, and what was heard of whom: JSON, see `rules/core/replica/wire.ts`. */
          facts: words("经过", "facts"),
        },
      },
    },
  },
  /** One day of a campus as sums that add. A later telling of the same day takes the place of an earlier one. */
  HubDay: {
    title: text("下级平台每日统计", "Day of a campus"),
    metrics: {},
    events: {
      /** The use of one kind of special rooms. */
      Use: {
        title: text("功能室使用", "use of special rooms"),
        dataClass: "telemetry",
        fields: {
          day: moment("当日零时", "begin of the day"),
          until: moment("统计至", "counted up to"),
          counted: moment("统计时间", "counted at"),
          kind: words("功能室类型", "kind of room"),
          titleZh: words("名称", "title (Chinese)"),
          titleEn: words("英文名称", "title"),
          threshold: amount("要求", "asked for"),
          rooms: whole("房间数", "rooms"),
          classes: whole("班级数", "classes"),
          lessons: whole("课时数", "lessons"),
          /** Class-hours of one class in whatever range, where they are set; null where the calendar says them. */
          teachingHours: amount("规定教学课时", "class-hours as they are set"),
          used: amount("已用课时", "class-hours used"),
          unplannedUsed: amount("课表外课时", "of these outside of the timetable"),
          known: whole("已知课时", "planned lessons of which something is known"),
          unknown: whole("未知课时", "planned lessons of which nobody knows"),
          wasted: amount("空开毫秒数", "ms on without anybody"),
          records: whole("使用记录数", "records of use"),
        },
      },
      /** The health of the devices of one class and model. Times in ms, of all hours and of school hours. */
      Health: {
        title: text("设备完好", "health of devices"),
        dataClass: "telemetry",
        fields: {
          day: moment("当日零时", "begin of the day"),
          until: moment("统计至", "counted up to"),
          counted: moment("统计时间", "counted at"),
          class: words("设备类别", "device class"),
          model: words("型号", "profile"),
          devices: whole("设备数", "devices"),
          expected: amount("应在线毫秒数", "ms that they are expected"),
          reachable: amount("可达毫秒数", "of these: they answered"),
          working: amount("完好毫秒数", "of these: without a fault"),
          unknown: amount("未知毫秒数", "of what is expected: nobody knows"),
          schoolExpected: amount("上课时段应在线毫秒数", "ms of school hours that they are expected"),
          schoolReachable: amount("上课时段可达毫秒数", "of these: they answered"),
          schoolWorking: amount("上课时段完好毫秒数", "of these: without a fault"),
          schoolUnknown: amount("上课时段未知毫秒数", "of what is expected: nobody knows"),
          failures: whole("故障次数", "failures that began"),
          interruptions: whole("中断次数", "interruptions that began"),
          upstream: whole("上游故障次数", "losses because of what they hang from"),
          repairs: whole("修复次数", "repairs that ended"),
          repair: amount("修复毫秒数", "ms that these took"),
          open: whole("未修复故障", "failures that last at the end"),
          inexact: whole("时长不明故障", "failures that ended, nobody knows after how long"),
        },
      },
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
