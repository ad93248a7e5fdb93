/** What every device and every edge box tells of itself, whatever it is. */
import { DataType } from "../datatype.ts";
import { isStanding, ROLLUP_COUNT_NAMES, ROLLUP_COUNTS, rollupMetricOf } from "../rollup.ts";
import { attribute, choice, counter, flag, gauge, text, wish } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const PLATFORM = {
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
      /** Lower case with colons; finds the switch port that it hangs from. */
      Mac: attribute("MAC 地址", "MAC address"),
      /** What feeds it, as an id on the same edge box: a UPS, or a switch by PoE. */
      PoweredBy: attribute("供电设备", "powered by"),
      /** Of a camera: ids of devices on the same edge box and asset paths that it looks at, separated by commas. */
      Sees: attribute("照看对象", "looks at"),
      /** Of a camera: from when to when a clip of an alarm reaches; absent where it gives none. */
      Clips: attribute("报警录像", "clips of alarms"),
      /** Of a switch: `port=asset path` of the classroom that a port serves, separated by commas. */
      Serves: attribute("所接教室", "serves"),
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
      /** Of devices that call in: somebody called in this device's name and could not prove it. */
      RefusedCalls: counter("冒名呼入被拒次数", "calls in its name refused", "{count}"),
      /** Of devices that call in: strangers turned away at the port that this device calls. */
      UnknownCallers: counter("陌生呼入次数", "strangers at its port", "{count}"),
      Malformed: counter("无法识别的报文", "messages that made no sense", "{count}"),
    },
  },
  Commissioning: {
    title: text("调试", "Commissioning"),
    metrics: {
      /** Told of devices that have to be confirmed. Writing `confirmed` is what a person does who has seen the device. */
      State: choice(
        "调试状态",
        "commissioning state",
        {
          checking: text("读数检查中", "readings being checked"),
          waiting: text("待人工确认", "waiting for confirmation"),
          confirmed: text("已确认", "confirmed"),
        },
        { writable: true },
      ),
    },
  },
  /** Of an edge box that lets its hub look for devices and take them into its configuration. */
  Discovery: {
    title: text("设备搜索", "Discovery"),
    metrics: {
      /** Where it may look, as its own configuration says: `10.1.0.0/24`, several with commas. */
      Ranges: attribute("可搜索的地址", "addresses that may be searched"),
      /** Separated by commas. */
      Protocols: attribute("可搜索的协议", "protocols that may be searched"),
      /** Names of the logins that its configuration holds; never what is behind them. */
      Logins: attribute("可用的登录", "logins that may be named"),
      /** Writing a JSON object `{ ranges?, protocols? }` begins a search; writing "" ends the one that runs. */
      Search: wish("搜索", "search"),
      /** Writing a JSON stanza takes a device into the configuration, or changes one that nobody has confirmed. */
      Adopt: wish("加入设备", "take a device in"),
      /** Writing the id of a device that nobody has confirmed takes it out again. */
      Withdraw: wish("撤回设备", "take a device out again"),
    },
    events: {
      Found: {
        title: text("发现设备", "device found"),
        dataClass: "state",
        fields: {
          search: { title: text("搜索编号", "search"), datatype: DataType.String },
          protocol: { title: text("协议", "protocol"), datatype: DataType.String },
          address: { title: text("地址", "address"), datatype: DataType.String },
          url: { title: text("连接地址", "URL"), datatype: DataType.String },
          /** JSON: what the device said of itself. */
          facts: { title: text("设备自述", "what it said"), datatype: DataType.String },
          /** JSON: profiles that fit, the likeliest first, with how surely and why. */
          matches: { title: text("匹配的模型", "profiles that fit"), datatype: DataType.String },
          /** Id of the device that has this URL in the configuration; empty where none has. */
          device: { title: text("已有设备", "device already"), datatype: DataType.String },
        },
      },
      Progress: {
        title: text("搜索进度", "progress of a search"),
        dataClass: "state",
        fields: {
          search: { title: text("搜索编号", "search"), datatype: DataType.String },
          state: {
            title: text("状态", "state"),
            datatype: DataType.String,
            values: {
              running: text("搜索中", "running"),
              done: text("已完成", "done"),
              cancelled: text("已取消", "cancelled"),
              failed: text("失败", "failed"),
            },
          },
          asked: { title: text("已询问", "asked"), datatype: DataType.UInt32 },
          of: { title: text("共", "of"), datatype: DataType.UInt32 },
          found: { title: text("发现", "found"), datatype: DataType.UInt32 },
          detail: { title: text("说明", "detail"), datatype: DataType.String },
        },
      },
    },
  },
  /** Of an edge box that was made from the image, and takes signed bundles from its hub. */
  Update: {
    title: text("系统更新", "System update"),
    metrics: {
      /** What hardware its bundles are for: `campus-ops-edge-amd64`. */
      Compatible: attribute("硬件类型", "hardware"),
      /** Of the system that runs: the version of the package `campus-ops-edge` in it. */
      System: { ...attribute("系统版本", "system version"), kind: "state" },
      /** What the hub told it last, by the hub's own name for it; "" where the rest is of no job of the hub. */
      Job: { ...attribute("任务编号", "job"), kind: "state" },
      /** `fetching`, `cancelled`, or a state of the box's update service (deploy/image/README.md). */
      State: { ...attribute("更新状态", "state of the update"), kind: "state" },
      /** Of what it is at: of fetching, or of installing. */
      Progress: gauge("更新进度", "progress", "%", [0, 100], 5),
      Target: { ...attribute("目标版本", "version that is installed"), kind: "state" },
      ReasonZh: { ...attribute("原因", "reason (Chinese)"), kind: "state" },
      ReasonEn: { ...attribute("英文原因", "reason"), kind: "state" },
      /** Writing a JSON object `{ job, sha256, bytes, version, until? }` has it fetched from the hub and installed; writing "" ends the fetching. */
      Install: wish("安装更新", "install an update"),
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
      /** Ids of the devices of its configuration, separated by spaces; see `roster.ts`. */
      Devices: { ...attribute("在册设备", "devices of its configuration"), kind: "state" },
      Temperature: gauge("机内温度", "inside temperature", "Cel", [-40, 125], 2),
      CertificateDays: gauge("证书剩余天数", "days left of the certificate", "d", [-10_000, 10_000], 0.5),
      /** Who called a port of this box and was not expected there, of buses, fire transmitters and systems that post. */
      UnknownCallers: counter("未登记设备呼入次数", "callers that nobody has configured", "{count}"),
      /** Who called in the name of a device that is configured, and could not prove it. */
      RefusedCalls: counter("验证失败呼入次数", "callers that could not prove who they are", "{count}"),
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
  /** A part of the hub itself, or something it needs: its broker, its disk, a channel to people. */
  Service: {
    title: text("平台服务", "Platform service"),
    metrics: {
      Working: flag("运行正常", "working", "alarm"),
      /** Why it does not work, and what to do; empty while it does. */
      ReasonZh: { ...attribute("说明", "reason (Chinese)"), kind: "state" },
      ReasonEn: { ...attribute("英文说明", "reason"), kind: "state" },
    },
  },
  /**
   * What a hub tells its parent of a campus, never its devices. How things stand has the time it was so; what happened
   * has the beginning of the five minutes it happened in, and is told again when late data changes it.
   */
  Rollup: {
    title: text("汇总", "Roll-up"),
    metrics: Object.fromEntries(
      ROLLUP_COUNT_NAMES.map((count) => {
        const { zh, en } = ROLLUP_COUNTS[count];
        // Rolled up already: it is not folded again.
        const told = { kind: "attribute", eachTime: !isStanding(count) } as const;
        return [rollupMetricOf(count), { ...gauge(zh, en, "{count}", [0, 1e12], 1), ...told }];
      }),
    ),
  },
  /** An alarm that a flow of the campus's own raises. */
  Flow: {
    title: text("自定义流程", "Flow"),
    metrics: {
      Raised: flag("报警", "raised", "alarm"),
      Priority: choice("优先级", "priority", {
        "1": text("红色", "red"),
        "2": text("橙色", "orange"),
        "3": text("黄色", "yellow"),
        "4": text("蓝色", "blue"),
      }),
      TextZh: { ...attribute("说明", "text (Chinese)"), kind: "state" },
      TextEn: { ...attribute("英文说明", "text"), kind: "state" },
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
  System: {
    title: text("系统", "System"),
    metrics: {
      Name: attribute("系统名", "system name"),
      Description: attribute("系统描述", "description"),
      Uptime: gauge("运行时间", "uptime", "s", [0, 1e9], 60),
      Processor: gauge("处理器占用", "processor load", "%", [0, 100], 5),
      Memory: gauge("内存占用率", "memory in use", "%", [0, 100], 5),
      Temperature: gauge("机内温度", "inside temperature", "Cel", [-40, 125], 2),
    },
  },
  /** What a device sends by itself: SNMP notifications, PJLink notices. They are believed no further than to look. */
  Notices: {
    title: text("主动通知", "Notices"),
    metrics: {
      Listening: flag("正在接收", "listening"),
      Received: counter("已收通知", "notices received", "{count}"),
      Refused: counter("拒收通知", "notices refused", "{count}"),
    },
  },
  Battery: {
    title: text("电池", "Battery"),
    metrics: {
      Level: gauge("电量", "charge", "%", [0, 100], 2),
      Voltage: gauge("电池电压", "battery voltage", "V", [0, 500], 0.1),
      Low: flag("电量低", "low"),
    },
  },
  Radio: {
    title: text("无线", "Radio"),
    metrics: {
      SignalStrength: gauge("信号强度", "signal strength", "dB[mW]", [-160, 20], 5),
      SignalToNoise: gauge("信噪比", "signal to noise", "dB", [-40, 60], 3),
      LinkQuality: gauge("链路质量", "link quality", "1", [0, 255], 20),
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
