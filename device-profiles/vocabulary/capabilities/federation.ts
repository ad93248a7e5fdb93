/** What a hub tells its parent of its alarms, and is told by it. Roll-ups are `Rollup`, in `platform.ts`. */
import { DataType } from "../datatype.ts";
import { attribute, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

const words = (zh: string, en: string) => ({ title: text(zh, en), datatype: DataType.String });
const whole = (zh: string, en: string) => ({ title: text(zh, en), datatype: DataType.UInt32 });
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
} as const satisfies Record<string, CapabilityDefinition>;
