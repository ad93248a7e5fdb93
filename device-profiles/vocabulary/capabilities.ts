/**
 * The capability dictionary: every metric and every event the platform knows, and what they mean.
 *
 * A metric is named `<Capability>/<Metric>`, or `<Capability>/<instance>/<Metric>` where a device has several of the
 * same kind (the ports of a switch). No other metric name travels from an edge node; a profile maps what the vendor
 * says to these names.
 */
import { DataType } from "./datatype.ts";
import type { DataClass } from "./retention.ts";
import type { LocalText } from "./text.ts";
import type { Unit } from "./units.ts";

export type MetricName = string & { readonly __metric?: never };
export type EventName = string & { readonly __event?: never };

/**
 * state: holds until it changes (reported on change) · gauge: a measured quantity (reported by deadband) ·
 * counter: only grows, and may start again at 0 · attribute: a fact about the device, in its birth.
 */
export type MetricKind = "state" | "gauge" | "counter" | "attribute";

export interface MetricDefinition {
  readonly title: LocalText;
  readonly datatype: DataType;
  readonly kind: MetricKind;
  readonly dataClass: DataClass;
  readonly unit?: Unit;
  /** Outside of it a value is physically implausible: its quality is bad. */
  readonly plausible?: readonly [min: number, max: number];
  /** Report by exception: a gauge is sent when it moved by at least this much, in its own unit. */
  readonly deadband?: number;
  /** For text states: every value it can hold, and how to say it. */
  readonly values?: Readonly<Record<string, LocalText>>;
  /** True when it can be written by a command. */
  readonly writable?: boolean;
}

export interface EventFieldDefinition {
  readonly title: LocalText;
  readonly datatype: DataType;
  readonly unit?: Unit;
  readonly plausible?: readonly [min: number, max: number];
  readonly values?: Readonly<Record<string, LocalText>>;
  /** Personal data: kept short, shown only to the roles that need it, never sent to a parent hub. */
  readonly personal?: boolean;
}

export interface EventDefinition {
  readonly title: LocalText;
  readonly dataClass: DataClass;
  readonly fields: Readonly<Record<string, EventFieldDefinition>>;
}

export interface CapabilityDefinition {
  readonly title: LocalText;
  /** What tells one instance from another, where a device has several: “port”, “lamp”. */
  readonly instance?: LocalText;
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  readonly events?: Readonly<Record<string, EventDefinition>>;
}

const text = (zh: string, en: string): LocalText => ({ zh, en });

const flag = (
  zh: string,
  en: string,
  dataClass: DataClass = "state",
  more: Partial<MetricDefinition> = {},
): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.Boolean,
  kind: "state",
  dataClass,
  ...more,
});

const gauge = (
  zh: string,
  en: string,
  unit: Unit,
  plausible: readonly [number, number],
  deadband: number,
  more: Partial<MetricDefinition> = {},
): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.Double,
  kind: "gauge",
  dataClass: "telemetry",
  unit,
  plausible,
  deadband,
  ...more,
});

const counter = (zh: string, en: string, unit: Unit): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.UInt64,
  kind: "counter",
  dataClass: "telemetry",
  unit,
});

const choice = (
  zh: string,
  en: string,
  values: Readonly<Record<string, LocalText>>,
  more: Partial<MetricDefinition> = {},
): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.String,
  kind: "state",
  dataClass: "state",
  values,
  ...more,
});

const attribute = (zh: string, en: string): MetricDefinition => ({
  title: text(zh, en),
  datatype: DataType.String,
  kind: "attribute",
  dataClass: "state",
});

const OK_WARNING_ERROR = {
  ok: text("正常", "ok"),
  warning: text("警告", "warning"),
  error: text("故障", "error"),
} as const;

export const CAPABILITIES = {
  Properties: {
    title: text("属性", "Properties"),
    metrics: {
      Profile: attribute("设备模型", "profile"),
      Class: attribute("设备类别", "device class"),
      TitleZh: attribute("名称", "title (Chinese)"),
      TitleEn: attribute("英文名称", "title (English)"),
      Path: attribute("位置", "asset path"),
      DependsOn: attribute("上游设备", "upstream device"),
      Vendor: attribute("厂商", "vendor"),
      Model: attribute("型号", "model"),
      Serial: attribute("序列号", "serial number"),
      Firmware: attribute("固件版本", "firmware"),
      Proven: attribute("验证方式", "how the profile is proven"),
    },
  },
  Connectivity: {
    title: text("连接", "Connectivity"),
    metrics: {
      Online: flag("在线", "online"),
      RoundTrip: gauge("往返时间", "round trip", "ms", [0, 600_000], 20),
      ClockOffset: gauge("时钟偏差", "clock offset", "s", [-4e9, 4e9], 1),
      Failures: counter("通信失败次数", "failed exchanges", "{count}"),
      /** Records of the device's own log that it overwrote before they could be read: what the platform is missing. */
      LostRecords: counter("未读即被覆盖的记录", "log records lost unread", "{record}"),
    },
  },
  Edge: {
    title: text("边缘盒", "Edge box"),
    metrics: {
      OutboxRecords: gauge("待发记录", "records waiting", "{record}", [0, 1e12], 1),
      OutboxBytes: gauge("待发数据量", "outbox size", "By", [0, 1e15], 65_536),
      OldestUnacknowledged: gauge("最早未确认时长", "age of oldest unacknowledged", "s", [0, 1e9], 5),
      LostSamples: counter("已丢弃样本", "samples given up", "{sample}"),
      DiskFree: gauge("磁盘剩余", "disk free", "By", [0, 1e16], 16_777_216),
      Memory: gauge("内存占用", "resident memory", "By", [0, 1e13], 4_194_304),
      Version: attribute("软件版本", "software version"),
      /** Another box bears the same identity: a copied disk that was not enrolled anew. */
      Twin: flag("身份重复", "another box has this identity", "alarm"),
      /** False while the box does not know what time it is. */
      ClockTrusted: flag("时钟可信", "clock trusted"),
    },
    events: {
      Loss: {
        title: text("数据丢失记录", "loss record"),
        dataClass: "alarm",
        fields: {
          class: { title: text("数据等级", "data class"), datatype: DataType.String },
          count: { title: text("样本数", "samples"), datatype: DataType.UInt64 },
          from: { title: text("起", "from"), datatype: DataType.DateTime },
          to: { title: text("止", "to"), datatype: DataType.DateTime },
          reason: { title: text("原因", "reason"), datatype: DataType.String },
        },
      },
    },
  },
  Command: {
    title: text("控制", "Commands"),
    metrics: {},
    events: {
      Result: {
        title: text("控制结果", "command result"),
        dataClass: "alarm",
        fields: {
          command: { title: text("命令编号", "command id"), datatype: DataType.String },
          metric: { title: text("对象", "metric"), datatype: DataType.String },
          state: {
            title: text("结果", "outcome"),
            datatype: DataType.String,
            values: {
              confirmed: text("已确认", "confirmed by read-back"),
              unknown: text("结果不明", "unknown"),
              refused: text("被拒绝", "refused"),
            },
          },
          detail: { title: text("说明", "detail"), datatype: DataType.String },
        },
      },
    },
  },
  Access: {
    title: text("通行", "Access"),
    metrics: {},
    events: {
      Swipe: {
        title: text("刷卡", "credential presented"),
        dataClass: "access",
        fields: {
          serial: { title: text("流水号", "device serial number"), datatype: DataType.UInt32 },
          /** A keyed hash made at the edge; the card's number itself never leaves the box. */
          credential: { title: text("凭证", "credential"), datatype: DataType.String, personal: true },
          result: {
            title: text("结果", "result"),
            datatype: DataType.String,
            values: { granted: text("放行", "granted"), refused: text("拒绝", "refused") },
          },
          reason: {
            title: text("原因", "reason"),
            datatype: DataType.String,
            values: {
              none: text("无", "none"),
              unknown: text("未知凭证", "unknown credential"),
              revoked: text("已注销", "revoked"),
              schedule: text("不在允许时段", "outside its hours"),
              antipassback: text("反潜回", "anti-passback"),
            },
          },
          direction: {
            title: text("方向", "direction"),
            datatype: DataType.String,
            values: { in: text("进", "in"), out: text("出", "out") },
          },
        },
      },
    },
  },
  Door: {
    title: text("门", "Door"),
    metrics: {
      Open: flag("门开", "open", "access"),
      ExitRequest: flag("出门按钮", "exit request", "access"),
      Unlocked: flag("门锁释放", "unlocked", "access", { writable: true }),
      Tamper: flag("防拆", "tamper", "alarm"),
    },
  },
  Temperature: {
    title: text("测温", "Body temperature screening"),
    metrics: {
      Ambient: gauge("环境温度", "ambient temperature", "Cel", [-40, 85], 0.2),
      Fault: choice("测温模块状态", "sensor state", OK_WARNING_ERROR),
    },
    events: {
      Screening: {
        title: text("测温记录", "screening"),
        dataClass: "access",
        fields: {
          serial: { title: text("流水号", "device serial number"), datatype: DataType.UInt32 },
          celsius: {
            title: text("体温", "temperature"),
            datatype: DataType.Double,
            unit: "Cel",
            plausible: [34, 42],
            personal: true,
          },
          raw: { title: text("原始值", "raw value"), datatype: DataType.Double, unit: "Cel", personal: true },
          correction: { title: text("修正", "correction"), datatype: DataType.Double, unit: "K" },
          ambient: { title: text("环境温度", "ambient"), datatype: DataType.Double, unit: "Cel" },
          distance: { title: text("距离", "distance"), datatype: DataType.Double, unit: "cm" },
          /** 0 for a first measurement, 1 and 2 for the retests of the same person, as the scanner tells them apart. */
          retest: { title: text("复测次数", "retest"), datatype: DataType.UInt8 },
        },
      },
    },
  },
  Panic: {
    title: text("一键报警", "Panic button"),
    metrics: {
      Pressed: flag("已按下", "pressed", "alarm"),
      LineFault: flag("线路故障", "line fault", "alarm"),
    },
  },
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
  System: {
    title: text("系统", "System"),
    metrics: {
      Name: attribute("系统名", "system name"),
      Description: attribute("系统描述", "description"),
      Uptime: gauge("运行时间", "uptime", "s", [0, 1e9], 60),
    },
  },
  Port: {
    title: text("端口", "Port"),
    instance: text("端口", "port"),
    metrics: {
      Oper: choice("链路", "operational status", {
        up: text("连通", "up"),
        down: text("断开", "down"),
        testing: text("测试", "testing"),
        unknown: text("未知", "unknown"),
        dormant: text("休眠", "dormant"),
        "not-present": text("缺失", "not present"),
        "lower-layer-down": text("下层断开", "lower layer down"),
      }),
      InOctets: counter("接收字节", "octets in", "By"),
      OutOctets: counter("发送字节", "octets out", "By"),
    },
  },
  PoE: {
    title: text("以太网供电", "Power over Ethernet"),
    instance: text("端口", "port"),
    metrics: {
      Enabled: flag("供电开关", "enabled", "state", { writable: true }),
      Detection: choice("供电状态", "detection", {
        disabled: text("关闭", "disabled"),
        searching: text("检测中", "searching"),
        delivering: text("供电中", "delivering power"),
        fault: text("故障", "fault"),
        test: text("测试", "test"),
        "other-fault": text("其他故障", "other fault"),
      }),
    },
  },
  Video: {
    title: text("视频", "Video"),
    metrics: {
      Loss: flag("视频丢失", "video loss", "alarm"),
      Tamper: flag("遮挡或移位", "tampered with", "alarm"),
    },
  },
  Motion: {
    title: text("移动侦测", "Motion"),
    metrics: { Active: flag("有移动", "motion", "state") },
  },
  Environment: {
    title: text("环境", "Environment"),
    metrics: {
      Temperature: gauge("气温", "temperature", "Cel", [-40, 85], 0.2),
      Humidity: gauge("相对湿度", "relative humidity", "%", [0, 100], 1),
      CO2: gauge("二氧化碳", "carbon dioxide", "[ppm]", [300, 10_000], 20),
      PM25: gauge("PM2.5", "PM2.5", "ug/m3", [0, 1000], 3),
      Smoke: flag("烟雾", "smoke", "alarm"),
      Leak: flag("漏水", "leak", "alarm"),
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;

export type Capability = keyof typeof CAPABILITIES;

const capabilities: Readonly<Record<string, CapabilityDefinition>> = CAPABILITIES;

export interface ParsedMetricName {
  readonly capability: string;
  readonly instance?: string;
  readonly metric: string;
}

/** Splits `Capability/Metric` or `Capability/instance/Metric`; undefined for anything else. */
export function parseMetricName(name: string): ParsedMetricName | undefined {
  const parts = name.split("/");
  const [capability, middle, last] = parts;
  if (capability === undefined || capability === "" || middle === undefined || middle === "")
    return undefined;
  if (parts.length === 2) return { capability, metric: middle };
  if (parts.length === 3 && last !== undefined && last !== "")
    return { capability, instance: middle, metric: last };
  return undefined;
}

/** The definition of a metric by its full name, or undefined when the dictionary does not know it. */
export function metricDefinition(name: MetricName): MetricDefinition | undefined {
  const parsed = parseMetricName(name);
  if (parsed === undefined) return undefined;
  const capability = own(capabilities, parsed.capability);
  if (capability === undefined || (capability.instance === undefined) !== (parsed.instance === undefined))
    return undefined;
  return own(capability.metrics, parsed.metric);
}

/** The definition of an event by its full name, `<Capability>/<Event>`. */
export function eventDefinition(name: EventName): EventDefinition | undefined {
  const parsed = parseMetricName(name);
  if (parsed === undefined || parsed.instance !== undefined) return undefined;
  return own(own(capabilities, parsed.capability)?.events ?? {}, parsed.metric);
}

/** Names come from the wire: `constructor` and `__proto__` are not in the dictionary. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
