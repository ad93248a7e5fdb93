/** Who passes where: doors, readers, gates, visitors, patrols, people counted and screened. */
import { DataType } from "../datatype.ts";
import { choice, counter, flag, gauge, OK_WARNING_ERROR, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const ACCESS = {
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
              expired: text("已过期", "expired"),
              "not-recognised": text("未识别", "not recognised"),
              "no-permission": text("无此门权限", "not allowed at this door"),
              duress: text("胁迫", "duress"),
            },
          },
          direction: {
            title: text("方向", "direction"),
            datatype: DataType.String,
            values: { in: text("进", "in"), out: text("出", "out") },
          },
          method: {
            title: text("方式", "method"),
            datatype: DataType.String,
            values: {
              card: text("刷卡", "card"),
              face: text("人脸", "face"),
              code: text("密码", "code"),
              fingerprint: text("指纹", "fingerprint"),
              qr: text("二维码", "QR code"),
              remote: text("远程", "remote"),
            },
          },
        },
      },
      /** Granted is not passed: somebody really went through. */
      Passage: {
        title: text("通过", "passage"),
        dataClass: "access",
        fields: {
          serial: { title: text("流水号", "device serial number"), datatype: DataType.UInt32 },
          credential: { title: text("凭证", "credential"), datatype: DataType.String, personal: true },
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
      /** What the lock does between the cards: a write stays until the next one, unlike a door that is opened once. */
      Mode: choice(
        "门模式",
        "mode",
        {
          controlled: text("受控", "controlled"),
          unlocked: text("常开", "stays unlocked"),
          locked: text("常闭", "stays locked"),
        },
        { writable: true },
      ),
      Tamper: flag("防拆", "tamper", "alarm"),
      /** Told by controllers that watch the contact themselves. */
      Forced: flag("强行打开", "forced", "alarm"),
      HeldOpen: flag("开门超时", "held open", "alarm"),
      /** The fire system has released the door. The platform only reads it. */
      FireRelease: flag("消防释放", "released by the fire system", "alarm"),
    },
  },
  Reader: {
    title: text("读卡器", "Reader"),
    metrics: {
      Tamper: flag("防拆", "tamper", "alarm"),
      PowerFault: flag("供电异常", "power fault"),
      Secure: flag("安全通道", "secure channel"),
      Misreads: counter("误读次数", "cards misread", "{count}"),
      /** Written, it beeps; it cannot be read back. */
      Beep: flag("蜂鸣", "beep", "state", { writable: true }),
      Led: choice(
        "指示灯",
        "LED",
        {
          off: text("灭", "off"),
          red: text("红", "red"),
          green: text("绿", "green"),
          amber: text("黄", "amber"),
        },
        { writable: true },
      ),
    },
  },
  Counting: {
    title: text("人数", "People counting"),
    metrics: {
      In: counter("进入人数", "entered", "{person}"),
      Out: counter("离开人数", "left", "{person}"),
      Inside: gauge("在场人数", "inside", "{person}", [0, 100_000], 1),
    },
  },
  Visitor: {
    title: text("访客", "Visitors"),
    metrics: {},
    events: {
      /** `visit` names one visit; who the visitor is stays with the system that asked for the papers. */
      Arrival: {
        title: text("访客登记", "visitor signed in"),
        dataClass: "access",
        fields: {
          visit: { title: text("访问编号", "visit"), datatype: DataType.String },
          credential: { title: text("凭证", "credential"), datatype: DataType.String, personal: true },
          until: { title: text("应离开时间", "to leave by"), datatype: DataType.DateTime },
          zones: { title: text("可进入区域", "zones allowed"), datatype: DataType.String },
        },
      },
      Departure: {
        title: text("访客签离", "visitor signed out"),
        dataClass: "access",
        fields: { visit: { title: text("访问编号", "visit"), datatype: DataType.String } },
      },
      /** The visitor's pass was read somewhere; whether it is good there, the system that issued it says. */
      Seen: {
        title: text("访客到访区域", "visitor seen"),
        dataClass: "access",
        fields: {
          visit: { title: text("访问编号", "visit"), datatype: DataType.String },
          zone: { title: text("区域", "zone"), datatype: DataType.String },
          permitted: { title: text("允许进入", "permitted"), datatype: DataType.Boolean },
        },
      },
    },
  },
  /** Who should be there and who is, by class: counts only. Names stay with the school's own system. */
  Attendance: {
    title: text("考勤", "Attendance"),
    instance: text("班级", "class"),
    metrics: {
      Expected: gauge("应到人数", "expected", "{person}", [0, 1_000], 1),
      Present: gauge("实到人数", "present", "{person}", [0, 1_000], 1),
      Leave: gauge("请假人数", "on leave", "{person}", [0, 1_000], 1),
      LeftEarly: gauge("早退人数", "left before the end", "{person}", [0, 1_000], 1),
    },
  },
  Dormitory: {
    title: text("宿舍", "Dormitory"),
    metrics: {
      Residents: gauge("住宿人数", "residents", "{person}", [0, 10_000], 1),
      Inside: gauge("在寝人数", "inside", "{person}", [0, 10_000], 1),
      Leave: gauge("请假人数", "on leave", "{person}", [0, 10_000], 1),
    },
  },
  Patrol: {
    title: text("巡更", "Patrol"),
    metrics: {},
    events: {
      Point: {
        title: text("巡更点打卡", "patrol point visited"),
        dataClass: "access",
        fields: {
          point: { title: text("巡更点", "point"), datatype: DataType.String },
          credential: { title: text("凭证", "credential"), datatype: DataType.String, personal: true },
        },
      },
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
} as const satisfies Record<string, CapabilityDefinition>;
