/** Switches, access points and what hangs from them. */
import { attribute, choice, counter, flag, gauge, text } from "./builders.ts";
import type { CapabilityDefinition } from "./definition.ts";

export const NETWORK = {
  Port: {
    title: text("端口", "Port"),
    instance: text("端口", "port"),
    metrics: {
      Name: attribute("端口名", "name"),
      Oper: choice("链路", "operational status", {
        up: text("连通", "up"),
        down: text("断开", "down"),
        testing: text("测试", "testing"),
        unknown: text("未知", "unknown"),
        dormant: text("休眠", "dormant"),
        "not-present": text("缺失", "not present"),
        "lower-layer-down": text("下层断开", "lower layer down"),
      }),
      Admin: flag("端口开关", "enabled", "state", { writable: true }),
      Speed: gauge("速率", "speed", "Mbit/s", [0, 1_000_000], 1),
      InOctets: counter("接收字节", "octets in", "By"),
      OutOctets: counter("发送字节", "octets out", "By"),
      InErrors: counter("接收错误", "errors in", "{count}"),
      OutErrors: counter("发送错误", "errors out", "{count}"),
      /** The system name or, failing that, the chassis id of the LLDP neighbour; empty when there is none. */
      Neighbour: { ...attribute("相邻设备", "neighbour"), kind: "state" },
      /** MAC addresses learned here, lower case with colons, ascending, separated by spaces; an uplink tells none. */
      Stations: { ...attribute("所接设备", "stations"), kind: "state" },
      Loop: flag("环路", "loop", "alarm"),
    },
  },
  /** The campus's way out, as a probe on it measures it. */
  Uplink: {
    title: text("出口", "Uplink"),
    metrics: {
      Up: flag("连通", "up"),
      Download: gauge("下行带宽", "download", "Mbit/s", [0, 1_000_000], 5),
      Upload: gauge("上行带宽", "upload", "Mbit/s", [0, 1_000_000], 5),
      /** Download divided by the number of classes: what the standard for smart campuses asks for. */
      PerClass: gauge("每班带宽", "bandwidth a class", "Mbit/s", [0, 100_000], 0.5),
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
      Power: gauge("供电功率", "power drawn", "W", [0, 100], 0.5),
      /** Write `cycling` to cut the power of one port for a few seconds and watch what hangs from it return. */
      Cycle: choice(
        "断电重启",
        "power cycle",
        {
          idle: text("无", "none"),
          cycling: text("重启中", "under way"),
          returned: text("已恢复", "returned"),
          missing: text("未恢复", "did not return"),
        },
        { writable: true },
      ),
    },
  },
  Wireless: {
    title: text("无线网络", "Wireless network"),
    metrics: {
      Clients: gauge("在线终端", "stations", "{count}", [0, 10_000], 1),
      ChannelLoad: gauge("信道占用", "channel load", "%", [0, 100], 5),
    },
  },
} as const satisfies Record<string, CapabilityDefinition>;
