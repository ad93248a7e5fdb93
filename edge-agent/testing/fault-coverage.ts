/**
 * What of the faults of real devices no simulator plays to a driver, and why, and where what is left of it is tested.
 * Everything else is put to the drivers by `drivers/fault-round-trip.test.ts`; `drivers/fault-coverage.test.ts` holds
 * that no driver and no fault is in neither.
 */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import type { SimulatedFault } from "@campus-ops/device-profiles/simulator";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

export type PlayedProtocol = Exclude<Profile["protocol"], "local-hub">;

/** A test in `drivers/`, by its file and a part of its title. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

export interface LeftOut {
  readonly faults: readonly SimulatedFault[];
  readonly protocols: readonly PlayedProtocol[];
  readonly why: LocalText;
  /** Of what the driver does where something like it happens all the same. */
  readonly test?: NamedTest;
}

const CLOCKS = ["clock-1970", "clock-ahead"] as const satisfies readonly SimulatedFault[];
const WITHOUT_DIGEST = [
  "chirpstack",
  "cjt188",
  "dlt645",
  "gbt26875",
  "jt808",
  "modbus",
  "osdp",
  "pull",
  "serial-control",
  "snmp",
  "webhook",
  "zigbee2mqtt",
] as const satisfies readonly PlayedProtocol[];

export const LEFT_OUT: readonly LeftOut[] = [
  {
    faults: ["down"],
    protocols: ["webhook"],
    why: {
      zh: "推送方无法查询，只能从长时间没有推送得知",
      en: "who posts cannot be asked: only a long silence tells",
    },
    test: { file: "webhook.test.ts", title: "that posts nothing for too long is gone" },
  },
  {
    faults: ["half-open"],
    protocols: ["webhook"],
    why: { zh: "每次推送都是新连接，并有时限", en: "each post has a connection of its own, and a deadline" },
    test: {
      file: "webhook.test.ts",
      title: "a thousand connections that say nothing, or speak another protocol, keep no system out",
    },
  },
  {
    faults: ["fragmented"],
    protocols: ["webhook"],
    why: { zh: "分段由 HTTP 还原", en: "HTTP puts the pieces of a post together" },
  },
  {
    faults: ["fragmented", "late-replies"],
    protocols: ["rtsp"],
    why: { zh: "码流由 FFmpeg 读取和还原", en: "FFmpeg reads the stream, and puts its pieces together" },
  },
  {
    faults: ["late-replies"],
    protocols: ["dahua", "isapi", "pull"],
    why: {
      zh: "每个请求用单独的连接，迟到的应答不会与别的混淆",
      en: "each request has a connection of its own: a late answer is nobody else's",
    },
  },
  {
    faults: ["late-replies"],
    protocols: ["chirpstack", "gbt26875", "jt808", "webhook", "zigbee2mqtt"],
    why: { zh: "设备自行上报，没有请求与应答", en: "it tells by itself, and answers nothing" },
  },
  {
    faults: ["late-replies"],
    protocols: ["osdp"],
    why: {
      zh: "应答带有所问的序号，安全通道中还带签名",
      en: "an answer bears its question's number, and in a secure channel a signature",
    },
    test: { file: "osdp.test.ts", title: "who changes a signed reply ends the session" },
  },
  {
    faults: [...CLOCKS, "local-time"],
    protocols: ["osdp", "pjlink", "rtsp", "serial-control", "snmp"],
    why: {
      zh: "设备不报时间，以读取时刻为准",
      en: "it tells no time: what it says is of the moment in which it is read",
    },
  },
  {
    faults: [...CLOCKS, "local-time"],
    protocols: ["zigbee2mqtt"],
    why: {
      zh: "实时消息以收到时刻为准，只有服务器保留的状态用到网关的时间",
      en: "what is live is of the moment of its receipt; the gateway's time is used of kept states alone",
    },
    test: {
      file: "mqtt-source.test.ts",
      title: "a state that the server kept is told with what is known of its time",
    },
  },
  {
    faults: ["local-time"],
    protocols: ["chirpstack", "onvif"],
    why: { zh: "标准规定时间带时区或为 UTC", en: "its standard has times in UTC or with an offset" },
  },
  {
    faults: ["local-time"],
    protocols: ["cjt188", "dahua", "dlt645", "modbus"],
    why: {
      zh: "时区由标准、地址或型号文件给定；偏差八小时即 clock-ahead",
      en: "the zone is given by the standard, the address or the profile; eight hours off is clock-ahead",
    },
  },
  {
    faults: ["replay"],
    protocols: ["cjt188", "dlt645", "pjlink", "rtsp", "serial-control", "snmp"],
    why: {
      zh: "只有状态和数值，重复一遍仍是同样的内容",
      en: "states and values only: told again they are the same",
    },
  },
  {
    faults: ["replay"],
    protocols: ["modbus"],
    why: {
      zh: "日志按序号从上次的位置读取，设备不会自行重发",
      en: "its log is read by number from where we were: it sends nothing again",
    },
    test: { file: "modbus-faults.test.ts", title: "counter-reset" },
  },
  {
    faults: ["replay"],
    protocols: ["osdp"],
    why: {
      zh: "读卡器不保存事件，只重发未被确认的一条",
      en: "a reader keeps no events, and repeats the one that was not acknowledged",
    },
    test: { file: "osdp.test.ts", title: "what happened meanwhile is told once" },
  },
  {
    faults: ["replay"],
    protocols: ["pull"],
    why: {
      zh: "每次取回的列表都含有上次的记录，平时即如此",
      en: "each list holds the records of the last one: it is always so",
    },
    test: {
      file: "pull.test.ts",
      title: "brings each record once, and goes on where an earlier agent stopped",
    },
  },
  {
    faults: ["replay"],
    protocols: ["zigbee2mqtt"],
    why: {
      zh: "按键消息没有编号，服务器保留的按键不作为事件",
      en: "a press bears no number: one that the server kept is no event",
    },
    test: { file: "mqtt-source.test.ts", title: "presses of a button are events, each told once" },
  },
  {
    faults: ["counter-reset"],
    protocols: ["onvif", "osdp", "rtsp"],
    why: { zh: "没有序号，也没有累计值", en: "it has neither serial numbers nor counters" },
  },
  {
    faults: ["counter-reset"],
    protocols: ["pjlink", "serial-control"],
    why: {
      zh: "灯泡时数从头计起说明换了灯泡，是正常读数",
      en: "lamp hours that begin anew are a new lamp, and a reading like others",
    },
  },
  {
    faults: ["stuck"],
    protocols: ["dahua", "isapi", "onvif", "osdp", "webhook"],
    why: {
      zh: "报告事件和计数，没有会停住的测量值；总测得同一体温由规则发现",
      en: "it tells events and counts; a scanner that always measures the same is found by the rules",
    },
  },
  {
    faults: ["stuck"],
    protocols: ["serial-control"],
    why: {
      zh: "状态不随命令变化即 not-done",
      en: "a state that no command moves is not-done",
    },
    test: {
      file: "serial-control.test.ts",
      title: "a command that was acknowledged and not done is found out by reading back",
    },
  },
  {
    faults: ["sentinel"],
    protocols: ["onvif", "osdp", "rtsp", "serial-control", "webhook"],
    why: {
      zh: "没有以特殊数值表示缺失的测量值",
      en: "it has no measured value that a special number could stand for",
    },
  },
  {
    faults: ["sentinel"],
    protocols: ["pjlink"],
    why: { zh: "读不到的状态以 ERR3 说明", en: "what cannot be read is said by ERR3" },
    test: { file: "pjlink.test.ts", title: "in standby the input cannot be read" },
  },
  {
    faults: ["sentinel"],
    protocols: ["snmp"],
    why: {
      zh: "缺失的对象以 noSuchInstance 说明",
      en: "an object that is missing is said to be (noSuchInstance)",
    },
  },
  {
    faults: ["subscription-lost"],
    protocols: ["cjt188", "dlt645", "modbus", "osdp", "pull", "serial-control"],
    why: { zh: "由我方轮询，没有订阅", en: "it is asked, and nothing is subscribed to" },
  },
  {
    faults: ["subscription-lost"],
    protocols: ["gbt26875", "jt808", "webhook"],
    why: { zh: "由设备呼叫，没有订阅", en: "it calls, and nothing is subscribed to" },
  },
  {
    faults: ["subscription-lost"],
    protocols: ["chirpstack"],
    why: {
      zh: "订阅随连接存续；设备沉默由时限发现",
      en: "the subscription lives as long as the connection; a silent device is found by its time",
    },
    test: { file: "mqtt-source.test.ts", title: "a device that nobody hears for too long is gone" },
  },
  {
    faults: ["subscription-lost"],
    protocols: ["pjlink"],
    why: {
      zh: "通知只是提示，轮询照常进行",
      en: "notices are hints: it is polled all the same",
    },
    test: { file: "pjlink-notices.test.ts", title: "a projector without a port for notices is polled only" },
  },
  {
    faults: ["subscription-lost"],
    protocols: ["snmp"],
    why: { zh: "陷阱只是提示，轮询照常进行", en: "traps are hints: it is polled all the same" },
    test: {
      file: "snmp-traps.test.ts",
      title: "a port that somebody else has does not keep it from being polled",
    },
  },
  {
    faults: ["lockout"],
    protocols: ["cjt188", "dlt645", "modbus", "serial-control"],
    why: { zh: "没有登录", en: "it has no login" },
  },
  {
    faults: ["lockout"],
    protocols: ["gbt26875", "jt808"],
    why: { zh: "由设备向我方登录", en: "it registers with us, and not we with it" },
  },
  {
    faults: ["lockout"],
    protocols: ["webhook"],
    why: { zh: "由推送方向我方登录", en: "it logs in with us, and not we with it" },
    test: { file: "webhook.test.ts", title: "a wrong secret, path, method and size are each refused" },
  },
  {
    faults: ["lockout"],
    protocols: ["chirpstack", "zigbee2mqtt"],
    why: {
      zh: "MQTT 服务器不锁定账户；登录被拒不再试",
      en: "an MQTT server locks nobody; a refusal ends it",
    },
    test: {
      file: "mqtt-source.test.ts",
      title: "lets us in with the right password only, and a wrong one is not tried again",
    },
  },
  {
    faults: ["lockout"],
    protocols: ["pjlink"],
    why: { zh: "没有账户可锁定；密码被拒不再试", en: "there is no account to lock; a refusal ends it" },
    test: {
      file: "pjlink.test.ts",
      title: "it lets us in with the right password only, and a wrong one is not tried again",
    },
  },
  {
    faults: ["lockout"],
    protocols: ["snmp"],
    why: { zh: "代理不锁定账户；登录被拒不再试", en: "an agent locks nobody; a refusal ends it" },
    test: {
      file: "snmp-snmpd.test.ts",
      title: "a wrong passphrase and an unknown user are refused logins, not silence",
    },
  },
  {
    faults: ["stale-nonce"],
    protocols: WITHOUT_DIGEST,
    why: { zh: "不使用 HTTP 摘要认证", en: "it has no login by Digest" },
  },
  {
    faults: ["stale-nonce"],
    protocols: ["pjlink"],
    why: { zh: "随机数随每个连接更新", en: "its random number is another for each connection" },
  },
  {
    faults: ["mislabelled-text"],
    protocols: [
      "chirpstack",
      "cjt188",
      "dlt645",
      "modbus",
      "osdp",
      "pjlink",
      "rtsp",
      "serial-control",
      "zigbee2mqtt",
    ],
    why: {
      zh: "读取的只有数值、约定的词和 ASCII 型号",
      en: "what is read of it are numbers, words of its own and models in ASCII",
    },
  },
  {
    faults: ["mislabelled-text"],
    protocols: ["jt808"],
    why: { zh: "标准规定使用 GBK，按此解码", en: "its standard says GBK, and so it is decoded" },
  },
  {
    faults: ["word-swapped"],
    protocols: [
      ...WITHOUT_DIGEST.filter((protocol) => protocol !== "modbus"),
      "dahua",
      "isapi",
      "onvif",
      "pjlink",
      "rtsp",
    ],
    why: { zh: "字节顺序由协议规定", en: "the protocol says in which order bytes come" },
  },
  {
    faults: ["reboot-loop"],
    protocols: ["rtsp"],
    why: {
      zh: "每次探测都是新的连接，重启表现为中断",
      en: "each probe is a connection of its own: a restart shows as one that ends",
    },
    test: { file: "rtsp.test.ts", title: "a camera that goes down between two probes ends the subscription" },
  },
  {
    faults: ["reboot-loop"],
    protocols: ["webhook"],
    why: { zh: "未被确认的推送会再来", en: "what was not confirmed is posted again" },
    test: {
      file: "webhook.test.ts",
      title: "is told 202 when it is on the disk, and to come again when it is not",
    },
  },
  {
    faults: ["storm"],
    protocols: ["cjt188", "dlt645", "modbus", "pull"],
    why: { zh: "不问不答", en: "it says nothing unless it is asked" },
  },
  {
    faults: ["storm"],
    protocols: ["onvif"],
    why: {
      zh: "消息由我方拉取，每次有上限；超出部分由代理计为丢失",
      en: "messages are pulled, so many at a time; what is beyond the agent's limit is counted as lost",
    },
    test: { file: "../supervisor/supervisor.test.ts", title: "flood" },
  },
  {
    faults: ["storm"],
    protocols: ["pjlink"],
    why: { zh: "通知不建立连接，在驱动测试中单独演练", en: "notices are datagrams, and played beside" },
    test: { file: "pjlink-notices.test.ts", title: "that sends a storm is looked at a few times" },
  },
  {
    faults: ["storm"],
    protocols: ["rtsp"],
    why: { zh: "探测次数由我方限定", en: "how much is probed at once is ours to say" },
    test: { file: "rtsp.test.ts", title: "no more at once than may be, the others in their order" },
  },
  {
    faults: ["storm"],
    protocols: ["snmp"],
    why: { zh: "陷阱不建立连接，在驱动测试中单独演练", en: "traps are datagrams, and played beside" },
    test: { file: "snmp-traps.test.ts", title: "that sends a storm is looked at a few times" },
  },
  {
    faults: ["not-done"],
    protocols: ["cjt188", "dlt645", "gbt26875", "jt808", "pull", "rtsp", "webhook"],
    why: { zh: "只读，没有命令", en: "nothing of it can be written" },
  },
];

/** Played by some profiles of a protocol, and put to the driver in a test of their own. */
export const PLAYED_BESIDE: readonly {
  readonly protocol: PlayedProtocol;
  readonly faults: readonly SimulatedFault[];
  readonly file: string;
}[] = [
  { protocol: "modbus", faults: ["word-swapped", "not-done"], file: "modbus-faults.test.ts" },
  {
    protocol: "rtsp",
    faults: ["down", "hang", "garbage", "half-open", "lockout", "stale-nonce", "stuck", "subscription-lost"],
    file: "rtsp.test.ts",
  },
];
